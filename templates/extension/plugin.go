package {{ cookiecutter.plugin_name }}

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/alibaba/ilogtail/pkg/logger"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/pipeline/extensions"
)

const pluginType = "{{ cookiecutter.__plugin_type }}"

// stdout is taken here, at the start of the process, because the host's logger replaces os.Stdout later on to catch
// what plugins print.
var stdout io.Writer = os.Stdout

// {{ cookiecutter.__plugin_struct }} keeps a log of the HTTP requests of other plugins, as flusher_http: a line of JSON for
// each. In a dry run it answers the requests itself, so that one sees what would be sent without a server.
//
// Plugins share it by its full name, the type and an alias after a slash. By the bare type each of them would get an
// instance of its own.
type {{ cookiecutter.__plugin_struct }} struct {
	// FileName is the file to append to; empty means the standard output.
	FileName string `json:"FileName"`
	// DryRun answers every request with 204 No Content instead of sending it.
	DryRun bool `json:"DryRun"`
	// MaxBodyBytes is how much of a request's body goes into the log. By default it is nothing: bodies are the very
	// data that the agent collects.
	MaxBodyBytes int `json:"MaxBodyBytes"`

	context pipeline.Context

	// lock is needed, because a plugin may send several requests at once, and several plugins may share the extension.
	lock sync.Mutex
	out  io.Writer // nil when stopped
	file *os.File
}

var (
	_ pipeline.Extension            = (*{{ cookiecutter.__plugin_struct }})(nil)
	_ extensions.RequestInterceptor = (*{{ cookiecutter.__plugin_struct }})(nil)
)

// Init checks the configuration and opens the file. The host inits the extensions of a pipeline before its other
// plugins.
func (p *{{ cookiecutter.__plugin_struct }}) Init(context pipeline.Context) error {
	if p.MaxBodyBytes < 0 {
		return fmt.Errorf("%s: MaxBodyBytes is %d, must be a number of bytes, or 0", pluginType, p.MaxBodyBytes)
	}
	p.context = context
	p.out = stdout
	if p.FileName != "" {
		file, err := os.OpenFile(p.FileName, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("%s: FileName must be a file that can be written: %w", pluginType, err)
		}
		p.file, p.out = file, file
	}
	return nil
}

// Description tells in a sentence what the plugin does.
func (p *{{ cookiecutter.__plugin_struct }}) Description() string {
	return {{ cookiecutter.plugin_description | quoted }}
}

// RoundTripper returns what another plugin sends its requests through, in front of what it would send them through.
func (p *{{ cookiecutter.__plugin_struct }}) RoundTripper(base http.RoundTripper) (http.RoundTripper, error) {
	if base == nil {
		return nil, errors.New(pluginType + ": there is nothing to send requests through")
	}
	return &roundTripper{p, base}, nil
}

// Stop closes the log. The host stops the extensions after all other plugins, but a request that still comes is sent.
func (p *{{ cookiecutter.__plugin_struct }}) Stop() error {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.out = nil
	if p.file == nil {
		return nil
	}
	file := p.file
	p.file = nil
	return file.Close()
}

// entry is a line of the log. Headers and queries are left out, because credentials are there.
type entry struct {
	Time   time.Time `json:"time"`
	Method string    `json:"method"`
	URL    string    `json:"url"`
	Size   int64     `json:"size"`
	Body   string    `json:"body,omitempty"`
	Status int       `json:"status,omitempty"`
	Error  string    `json:"error,omitempty"`
	Millis int64     `json:"millis"`
}

// log writes a line. A request must not fail because of it, so an error only goes to the agent's log.
func (p *{{ cookiecutter.__plugin_struct }}) log(e *entry) {
	text, err := json.Marshal(e)
	if err == nil {
		p.lock.Lock()
		defer p.lock.Unlock()
		if p.out == nil {
			return
		}
		_, err = p.out.Write(append(text, '\n'))
	}
	if err != nil {
		logger.Info(p.context.GetRuntimeContext(), pluginType, "cannot write the log of requests", "error", err)
	}
}

type roundTripper struct {
	plugin *{{ cookiecutter.__plugin_struct }}
	base   http.RoundTripper
}

// RoundTrip sends a request and logs it.
func (r *roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	e := &entry{Time: time.Now(), Method: request.Method, URL: withoutCredentials(request.URL), Size: request.ContentLength}
	var copied *copier
	if r.plugin.MaxBodyBytes > 0 && request.Body != nil {
		copied = &copier{ReadCloser: request.Body, room: r.plugin.MaxBodyBytes}
		// The request is the caller's, and a RoundTripper must not change it.
		request = request.Clone(request.Context())
		request.Body = copied
	}
	send := r.base.RoundTrip
	if r.plugin.DryRun {
		send = answer
	}
	response, err := send(request)
	if err != nil {
		e.Error = err.Error()
	} else {
		e.Status = response.StatusCode
	}
	e.Body = copied.text()
	e.Millis = time.Since(e.Time).Milliseconds()
	r.plugin.log(e)
	return response, err
}

// answer takes a request as a server would that has nothing to say.
func answer(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		defer request.Body.Close() // as every RoundTripper must
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return nil, err
		}
	}
	return &http.Response{
		Status:     "204 " + http.StatusText(http.StatusNoContent),
		StatusCode: http.StatusNoContent,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     make(http.Header),
		Body:       http.NoBody,
		Request:    request,
	}, nil
}

func withoutCredentials(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// copier keeps the beginning of a body while it is read. That may go on in another goroutine after the response has
// come, so there is a lock.
type copier struct {
	io.ReadCloser
	lock  sync.Mutex
	start []byte
	room  int
}

func (c *copier) Read(buffer []byte) (int, error) {
	n, err := c.ReadCloser.Read(buffer)
	c.lock.Lock()
	defer c.lock.Unlock()
	kept := n
	if kept > c.room {
		kept = c.room
	}
	c.start = append(c.start, buffer[:kept]...)
	c.room -= kept
	return n, err
}

func (c *copier) text() string {
	if c == nil {
		return ""
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	return string(c.start)
}

func init() {
	pipeline.AddExtensionCreator(pluginType, func() pipeline.Extension {
		return &{{ cookiecutter.__plugin_struct }}{}
	})
}
