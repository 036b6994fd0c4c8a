package {{ cookiecutter.plugin_name }}

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/alibaba/ilogtail/pkg/helper"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/pipeline/extensions"
)

// newPlugin makes a plugin as the host does: by the registered creator, with the detail of a pipeline file. It writes
// to a buffer instead of the standard output.
func newPlugin(t testing.TB, detail string) (*{{ cookiecutter.__plugin_struct }}, *bytes.Buffer) {
	t.Helper()
	p := pipeline.Extensions[pluginType]().(*{{ cookiecutter.__plugin_struct }})
	if err := json.Unmarshal([]byte(detail), p); err != nil {
		t.Fatal(err)
	}
	if err := p.Init(newContext()); err != nil {
		t.Fatal(err)
	}
	out := &bytes.Buffer{}
	if p.FileName == "" {
		if p.out != stdout {
			t.Errorf("it writes to %v", p.out)
		}
		p.out = out
	}
	return p, out
}

func newContext() pipeline.Context {
	context := &helper.LocalContext{}
	context.InitContext("project", "logstore", "config")
	return context
}

// newClient makes a client of a plugin that uses the extension, in the way of flusher_http.
func newClient(t testing.TB, extension pipeline.Extension, base http.RoundTripper) *http.Client {
	t.Helper()
	transport, err := extension.(extensions.RequestInterceptor).RoundTripper(base)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: transport}
}

// newServer starts a server that answers with the body it gets, and a way to it.
func newServer(t testing.TB) (string, http.RoundTripper) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.Copy(w, request.Body)
	}))
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return server.URL, transport
}

func post(t testing.TB, client *http.Client, url, body string) (int, string) {
	t.Helper()
	response, err := client.Post(url, "text/plain", strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(text)
}

// entries returns the lines of a log.
func entries(t testing.TB, text string) []entry {
	t.Helper()
	var all []entry
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if line == "" {
			continue
		}
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		all = append(all, e)
	}
	return all
}

// expectEntry compares a line without its times, which must be around now.
func expectEntry(t testing.TB, got, want entry) {
	t.Helper()
	if since := time.Since(got.Time); since < 0 || since > time.Minute || got.Millis < 0 || got.Millis > time.Minute.Milliseconds() {
		t.Errorf("the time is %v, and it took %d ms", got.Time, got.Millis)
	}
	got.Time, got.Millis = time.Time{}, 0
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDefaults(t *testing.T) {
	p, _ := newPlugin(t, `{}`)
	if p.FileName != "" || p.DryRun || p.MaxBodyBytes != 0 {
		t.Errorf("the defaults are %q, %v and %d", p.FileName, p.DryRun, p.MaxBodyBytes)
	}
}

func TestInitRefuses(t *testing.T) {
	for detail, want := range map[string]string{
		`{"MaxBodyBytes": -1}`:             "MaxBodyBytes is -1",
		`{"FileName": "no/such/folder/x"}`: "FileName must be a file that can be written",
	} {
		p := pipeline.Extensions[pluginType]()
		if err := json.Unmarshal([]byte(detail), p); err != nil {
			t.Fatal(err)
		}
		if err := p.Init(newContext()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: Init returned %v, want an error that says %q", detail, err, want)
		}
	}
	p, _ := newPlugin(t, `{}`)
	if _, err := p.RoundTripper(nil); err == nil {
		t.Error("RoundTripper returned no error for nil")
	}
}

func TestRequest(t *testing.T) {
	checkGoroutines(t)
	url, transport := newServer(t)
	for detail, logged := range map[string]string{
		`{}`:                      "",
		`{"MaxBodyBytes": 4}`:     "some",
		`{"MaxBodyBytes": 10000}`: "some text",
	} {
		p, out := newPlugin(t, detail)
		status, text := post(t, newClient(t, p, transport), url+"/write", "some text")
		if status != http.StatusAccepted || text != "some text" {
			t.Errorf("%s: got %d %q", detail, status, text)
		}
		all := entries(t, out.String())
		if len(all) != 1 {
			t.Fatalf("%s: got %v", detail, all)
		}
		expectEntry(t, all[0], entry{Method: "POST", URL: url + "/write", Size: 9, Body: logged, Status: 202})
	}
}

// TestRequestUnchanged: a RoundTripper must leave the request alone, for one because the caller may send it again.
func TestRequestUnchanged(t *testing.T) {
	checkGoroutines(t)
	url, transport := newServer(t)
	p, _ := newPlugin(t, `{"MaxBodyBytes": 100}`)
	request, err := http.NewRequest(http.MethodPost, url+"/write?a=b", strings.NewReader("text"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "secret")
	before := *request
	roundTripper, err := p.RoundTripper(transport)
	if err != nil {
		t.Fatal(err)
	}
	response, err := roundTripper.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if request.Body != before.Body || request.URL.String() != url+"/write?a=b" || len(request.Header) != 1 {
		t.Errorf("the request has become %v", request)
	}
	if text, err := io.ReadAll(response.Body); err != nil || string(text) != "text" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestNoCredentials(t *testing.T) {
	checkGoroutines(t)
	url, transport := newServer(t)
	p, out := newPlugin(t, `{}`)
	post(t, newClient(t, p, transport), strings.Replace(url, "http://", "http://user:secret@", 1)+"/write?token=secret", "")
	if got := out.String(); strings.Contains(got, "secret") || !strings.Contains(got, url+"/write") {
		t.Errorf("got %s", got)
	}
}

// broken is a way to a server that isn't there.
type broken struct{}

var errRefused = errors.New("connection refused")

func (broken) RoundTrip(request *http.Request) (*http.Response, error) { return nil, errRefused }

func TestFailedRequest(t *testing.T) {
	p, out := newPlugin(t, `{"MaxBodyBytes": 100}`)
	response, err := newClient(t, p, broken{}).Get("http://127.0.0.1:1/")
	if !errors.Is(err, errRefused) {
		response.Body.Close()
		t.Errorf("got %v, want %v", err, errRefused)
	}
	all := entries(t, out.String())
	if len(all) != 1 {
		t.Fatalf("got %v", all)
	}
	expectEntry(t, all[0], entry{Method: "GET", URL: "http://127.0.0.1:1/", Error: errRefused.Error()})
}

// closing tells whether a body was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestDryRun(t *testing.T) {
	for detail, logged := range map[string]string{`{"DryRun": true}`: "", `{"DryRun": true, "MaxBodyBytes": 4}`: "some"} {
		p, out := newPlugin(t, detail)
		body := &closing{Reader: iotest.OneByteReader(strings.NewReader("some text"))}
		request, err := http.NewRequest(http.MethodPut, "http://nowhere/write", body)
		if err != nil {
			t.Fatal(err)
		}
		request.ContentLength = 9
		response, err := newClient(t, p, broken{}).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if response.StatusCode != http.StatusNoContent || len(text) != 0 || err != nil {
			t.Errorf("%s: got %d %q %v", detail, response.StatusCode, text, err)
		}
		response.Body.Close()
		if !body.closed {
			t.Errorf("%s: the body was not closed", detail)
		}
		all := entries(t, out.String())
		if len(all) != 1 {
			t.Fatalf("%s: got %v", detail, all)
		}
		expectEntry(t, all[0], entry{Method: "PUT", URL: "http://nowhere/write", Size: 9, Body: logged, Status: 204})
	}
}

// TestShared sends requests of several plugins at once, which share the extension by its full name.
func TestShared(t *testing.T) {
	checkGoroutines(t)
	url, transport := newServer(t)
	p, out := newPlugin(t, `{"MaxBodyBytes": 100}`)
	const clients, requests = 4, 25
	var running sync.WaitGroup
	for i := 0; i < clients; i++ {
		running.Add(1)
		go func(i int) {
			defer running.Done()
			client := newClient(t, p, transport)
			for j := 0; j < requests; j++ {
				body := fmt.Sprintf("%d-%d", i, j)
				if status, text := post(t, client, url, body); status != http.StatusAccepted || text != body {
					t.Errorf("got %d %q, want %q", status, text, body)
				}
			}
		}(i)
	}
	running.Wait()
	seen := make(map[string]bool)
	for _, e := range entries(t, out.String()) {
		seen[e.Body] = true
	}
	if len(seen) != clients*requests {
		t.Errorf("%d requests were logged, want %d", len(seen), clients*requests)
	}
}

func TestStop(t *testing.T) {
	checkGoroutines(t)
	url, transport := newServer(t)
	p, out := newPlugin(t, `{}`)
	client := newClient(t, p, transport)
	post(t, client, url, "before")
	for i := 0; i < 2; i++ {
		if err := p.Stop(); err != nil {
			t.Errorf("Stop returned %v", err)
		}
	}
	if status, text := post(t, client, url, "after"); status != http.StatusAccepted || text != "after" {
		t.Errorf("after Stop: got %d %q", status, text)
	}
	if all := entries(t, out.String()); len(all) != 1 {
		t.Errorf("got %v, want the request before Stop", all)
	}
}

func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "requests.json")
	detail, err := json.Marshal(map[string]interface{}{"FileName": name, "DryRun": true})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 2; i++ { // as before and after a reload
		p, _ := newPlugin(t, string(detail))
		post(t, newClient(t, p, broken{}), "http://nowhere/", "text")
		for j := 0; j < 2; j++ {
			if err = p.Stop(); err != nil {
				t.Errorf("Stop returned %v", err)
			}
		}
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if all := entries(t, string(content)); len(all) != 2 {
		t.Errorf("got %v, want both requests", all)
	}
}

// TestSamples runs the plugin as the pipeline files beside this file configure it, and checks that flusher_http uses
// it by its full name.
func TestSamples(t *testing.T) {
	for _, file := range []string{"pipeline_v1.json", "pipeline_v2.json"} {
		p, out := newPlugin(t, sampleDetail(t, file, "extensions"))
		status, _ := post(t, newClient(t, p, broken{}), "http://127.0.0.1:8086/write", "text")
		all := entries(t, out.String())
		if status != http.StatusNoContent || len(all) != 1 || all[0].Body != "text" {
			t.Errorf("%s: got %d and %v", file, status, all)
		}
		if err := p.Stop(); err != nil {
			t.Errorf("%s: Stop returned %v", file, err)
		}

		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var sample struct {
			Extensions []struct{ Type string }
			Flushers   []struct {
				Detail struct{ RequestInterceptors []extensions.ExtensionConfig }
			}
		}
		if err := json.Unmarshal(content, &sample); err != nil {
			t.Fatal(err)
		}
		used := sample.Flushers[0].Detail.RequestInterceptors[0].Type
		if used != sample.Extensions[0].Type || !strings.HasPrefix(used, pluginType+"/") {
			t.Errorf("%s: flusher_http uses %s, but the extension is %s", file, used, sample.Extensions[0].Type)
		}
	}
}

// benchmark sends requests of 512 bytes.
func benchmark(b *testing.B, detail string) {
	p, _ := newPlugin(b, detail)
	p.out = io.Discard
	roundTripper, err := p.RoundTripper(broken{})
	if err != nil {
		b.Fatal(err)
	}
	body := strings.Repeat("x", 512)
	b.ReportAllocs()
	b.ResetTimer()
	began := time.Now()
	for i := 0; i < b.N; i++ {
		request, err := http.NewRequest(http.MethodPost, "http://nowhere/write", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		response, err := roundTripper.RoundTrip(request)
		if err != nil {
			b.Fatal(err)
		}
		response.Body.Close()
	}
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "requests/s")
}

func BenchmarkWithoutBody(b *testing.B) { benchmark(b, `{"DryRun": true}`) }
func BenchmarkWithBody(b *testing.B)    { benchmark(b, `{"DryRun": true, "MaxBodyBytes": 512}`) }

{% include "shared/test_goroutines.go" %}

{% include "shared/test_sample.go" %}
