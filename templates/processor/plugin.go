package {{ cookiecutter.plugin_name }}

import (
	"fmt"

	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
	"github.com/alibaba/ilogtail/pkg/protocol"
)

const pluginType = "{{ cookiecutter.__plugin_type }}"

// {{ cookiecutter.__plugin_struct }} masks long numbers in a field, as those of phones and bank cards: all digits but
// the last ones become asterisks.
type {{ cookiecutter.__plugin_struct }} struct {
	// Key is the name of the field.
	Key string `json:"Key"`
	// MinDigits is how many digits in a row make a number to be masked.
	MinDigits int `json:"MinDigits"`
	// KeepDigits is how many digits at the end of such a number stay readable.
	KeepDigits int `json:"KeepDigits"`
}

var (
	_ pipeline.ProcessorV1 = (*{{ cookiecutter.__plugin_struct }})(nil)
	_ pipeline.ProcessorV2 = (*{{ cookiecutter.__plugin_struct }})(nil)
)

// Init checks the configuration.
func (p *{{ cookiecutter.__plugin_struct }}) Init(pipeline.Context) error {
	if p.Key == "" {
		return fmt.Errorf("%s: Key is empty, must be the name of the field to mask", pluginType)
	}
	if p.MinDigits <= 0 {
		return fmt.Errorf("%s: MinDigits is %d, must be more than 0", pluginType, p.MinDigits)
	}
	if p.KeepDigits < 0 || p.KeepDigits >= p.MinDigits {
		return fmt.Errorf("%s: KeepDigits is %d, must be between 0 and MinDigits - 1, which is %d",
			pluginType, p.KeepDigits, p.MinDigits-1)
	}
	return nil
}

// Description tells in a sentence what the plugin does.
func (p *{{ cookiecutter.__plugin_struct }}) Description() string {
	return {{ cookiecutter.plugin_description | quoted }}
}

// ProcessLogs masks logs in a V1 pipeline. What it returns goes on to the next plugin.
func (p *{{ cookiecutter.__plugin_struct }}) ProcessLogs(logs []*protocol.Log) []*protocol.Log {
	for _, log := range logs {
		for _, content := range log.Contents {
			if content.Key != p.Key {
				continue
			}
			if masked := mask(content.Value, p.MinDigits, p.KeepDigits); masked != nil {
				content.Value = string(masked)
			}
		}
	}
	return logs
}

// Process masks events in a V2 pipeline. A field is among the contents of a log or among the tags of an event: the
// host turns a log that comes from the C++ part of the agent into one content and tags for the rest.
//
// Only what is collected goes on to the next plugin, so all events are, whatever their kind.
func (p *{{ cookiecutter.__plugin_struct }}) Process(in *models.PipelineGroupEvents, context pipeline.PipelineContext) {
	for _, event := range in.Events {
		switch event := event.(type) {
		case *models.Log:
			p.maskContents(event.Contents)
			event.Tags = p.maskTags(event.Tags)
		case *models.Metric:
			event.Tags = p.maskTags(event.Tags)
		case *models.Span:
			event.Tags = p.maskTags(event.Tags)
		}
	}
	context.Collector().Collect(in.Group, in.Events...)
}

func (p *{{ cookiecutter.__plugin_struct }}) maskContents(contents models.LogContents) {
	if contents == nil { // as in a log that was made without any
		return
	}
	switch value := contents.Get(p.Key).(type) {
	case string:
		if masked := mask(value, p.MinDigits, p.KeepDigits); masked != nil {
			contents.Add(p.Key, string(masked))
		}
	case []byte:
		// Not to be changed in place: the host makes such bytes from strings without a copy.
		if masked := mask(value, p.MinDigits, p.KeepDigits); masked != nil {
			contents.Add(p.Key, masked)
		}
	}
}

// maskTags returns the tags to use from now on. It changes a copy, because inputs share tags between events, and
// other plugins may be reading those of an earlier event.
func (p *{{ cookiecutter.__plugin_struct }}) maskTags(tags models.Tags) models.Tags {
	if tags == nil {
		return nil
	}
	masked := mask(tags.Get(p.Key), p.MinDigits, p.KeepDigits)
	if masked == nil {
		return tags
	}
	own := models.NewTags()
	own.AddAll(tags.Iterator())
	own.Add(p.Key, string(masked))
	return own
}

// mask returns a copy of the text in which every run of at least minDigits digits is masked but for its last
// keepDigits, or nil if there is no such run: most logs need no change, and so cost no memory.
func mask[text string | []byte](value text, minDigits, keepDigits int) []byte {
	var masked []byte
	digits := 0 // that the text has just before i
	for i := 0; i <= len(value); i++ {
		if i < len(value) && '0' <= value[i] && value[i] <= '9' {
			digits++
			continue
		}
		if digits >= minDigits {
			if masked == nil {
				masked = append(masked, value...) // a conversion to []byte would not copy bytes
			}
			for j := i - digits; j < i-keepDigits; j++ {
				masked[j] = '*'
			}
		}
		digits = 0
	}
	return masked
}

func init() {
	pipeline.AddProcessorCreator(pluginType, func() pipeline.Processor {
		return &{{ cookiecutter.__plugin_struct }}{
			Key:        models.ContentKey,
			MinDigits:  11,
			KeepDigits: 4,
		}
	})
}
