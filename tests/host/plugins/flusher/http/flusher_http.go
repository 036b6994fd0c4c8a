// Package http is a stand-in for the host's flusher_http: enough of it to send requests through interceptors.
package http

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/pipeline/extensions"
	"github.com/alibaba/ilogtail/pkg/protocol"
)

type flusherHTTP struct {
	RemoteURL           string
	RequestInterceptors []extensions.ExtensionConfig

	client *http.Client
}

func (f *flusherHTTP) Init(context pipeline.Context) error {
	transport := http.DefaultTransport
	for _, setting := range f.RequestInterceptors {
		extension, err := context.GetExtension(setting.Type, setting.Options)
		if err != nil {
			return err
		}
		interceptor, ok := extension.(extensions.RequestInterceptor)
		if !ok {
			return fmt.Errorf("interceptor(%s) not implement interface extensions.RequestInterceptor", setting.Type)
		}
		if transport, err = interceptor.RoundTripper(transport); err != nil {
			return err
		}
	}
	f.client = &http.Client{Transport: transport}
	return nil
}

func (*flusherHTTP) Description() string                  { return "stand-in" }
func (f *flusherHTTP) IsReady(string, string, int64) bool { return f.client != nil }
func (*flusherHTTP) SetUrgent(bool)                       {}
func (*flusherHTTP) Stop() error                          { return nil }

func (f *flusherHTTP) Flush(_, _, _ string, groups []*protocol.LogGroup) error {
	for _, group := range groups {
		for _, log := range group.Logs {
			if err := f.send(log); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *flusherHTTP) Export(groups []*models.PipelineGroupEvents, _ pipeline.PipelineContext) error {
	for _, group := range groups {
		for _, event := range group.Events {
			if err := f.send(event.GetName()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *flusherHTTP) send(what interface{}) error {
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	response, err := f.client.Post(f.RemoteURL, "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func init() {
	pipeline.Flushers["flusher_http"] = func() pipeline.Flusher { return &flusherHTTP{} }
}
