// Package defaultdecoder is a stand-in for an extension that other plugins ask for.
package defaultdecoder

import "github.com/alibaba/ilogtail/pkg/pipeline"

type decoder struct{}

func (decoder) Description() string         { return "stand-in" }
func (decoder) Init(pipeline.Context) error { return nil }
func (decoder) Stop() error                 { return nil }

func init() {
	pipeline.AddExtensionCreator("ext_default_decoder", func() pipeline.Extension { return &decoder{} })
}
