// Package extensions holds the interfaces of the extensions that the agent's own plugins use.
package extensions

import (
	"net/http"

	"github.com/alibaba/ilogtail/pkg/models"
)

// RequestInterceptor sees the requests of a plugin that is an HTTP client.
type RequestInterceptor interface {
	RoundTripper(base http.RoundTripper) (http.RoundTripper, error)
}

// ClientAuthenticator puts credentials into the requests of a plugin that is an HTTP client.
type ClientAuthenticator interface {
	RequestInterceptor
}

// FlushInterceptor filters the groups of a flusher of a V2 pipeline.
type FlushInterceptor interface {
	Intercept(group *models.PipelineGroupEvents) *models.PipelineGroupEvents
}

// ExtensionConfig names an extension in the configuration of a plugin that uses it.
type ExtensionConfig struct {
	Type    string
	Options map[string]interface{}
}
