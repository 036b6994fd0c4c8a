// Package mockd is a stand-in for the host's service_mock, which knows V1 only.
package mockd

import (
	"strconv"
	"sync"
	"time"

	"github.com/alibaba/ilogtail/pkg/pipeline"
)

type serviceMock struct {
	Tags          map[string]string
	Fields        map[string]string
	LogsPerSecond int
	MaxLogCount   int

	stop sync.Once
	done chan struct{}
}

func (*serviceMock) Init(pipeline.Context) (int, error) { return 0, nil }
func (*serviceMock) Description() string                { return "stand-in" }

func (m *serviceMock) Start(collector pipeline.Collector) error {
	for index := 1; ; index++ {
		fields := map[string]string{"Index": strconv.Itoa(index)}
		for key, value := range m.Fields {
			fields[key] = value
		}
		collector.AddData(m.Tags, fields)
		if index == m.MaxLogCount {
			return nil
		}
		select {
		case <-m.done:
			return nil
		case <-time.After(time.Second / time.Duration(m.LogsPerSecond)):
		}
	}
}

func (m *serviceMock) Stop() error {
	m.stop.Do(func() { close(m.done) })
	return nil
}

func init() {
	pipeline.ServiceInputs["service_mock"] = func() pipeline.ServiceInput {
		return &serviceMock{LogsPerSecond: 1, done: make(chan struct{})}
	}
}
