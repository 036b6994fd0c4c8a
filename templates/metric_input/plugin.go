package {{ cookiecutter.plugin_name }}

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/alibaba/ilogtail/pkg/helper"
	"github.com/alibaba/ilogtail/pkg/models"
	"github.com/alibaba/ilogtail/pkg/pipeline"
)

const (
	pluginType = "{{ cookiecutter.__plugin_type }}"

	// batchSize is how many directory entries are read at once, so that a huge directory needs no huge memory.
	batchSize = 256
)

// {{ cookiecutter.__plugin_struct }} reports how many files wait in a directory, their size and the age of the oldest
// one: a spool whose consumer is slow or dead shows by a growing number.
type {{ cookiecutter.__plugin_struct }} struct {
	// IntervalMs is the time between two reports in milliseconds; 0 means that of the pipeline, InputIntervalMs.
	// It is no time.Duration, because the host decodes the configuration with encoding/json: that would take only
	// nanoseconds, and no "5s" either.
	IntervalMs int `json:"IntervalMs"`
	// Directory is where the files are, not counting those in the directories below it.
	Directory string `json:"Directory"`
	// Pattern is what the names of the files match, in the syntax of filepath.Match.
	Pattern string `json:"Pattern"`
}

var (
	_ pipeline.MetricInputV1 = (*{{ cookiecutter.__plugin_struct }})(nil)
	_ pipeline.MetricInputV2 = (*{{ cookiecutter.__plugin_struct }})(nil)
)

// Init checks the configuration and returns the interval in milliseconds.
//
// Whether the directory can be read is not checked here: an error would keep the whole pipeline from loading, while
// the directory may well come later.
func (p *{{ cookiecutter.__plugin_struct }}) Init(pipeline.Context) (int, error) {
	if p.IntervalMs < 0 {
		return 0, fmt.Errorf("%s: IntervalMs is %d, must be a number of milliseconds, or 0", pluginType, p.IntervalMs)
	}
	if p.Directory == "" {
		return 0, fmt.Errorf("%s: Directory is empty, must be the path of a directory", pluginType)
	}
	if _, err := filepath.Match(p.Pattern, ""); err != nil {
		return 0, fmt.Errorf("%s: Pattern is %q, must be a pattern like *.log: %w", pluginType, p.Pattern, err)
	}
	return p.IntervalMs, nil
}

// Description tells in a sentence what the plugin does.
func (p *{{ cookiecutter.__plugin_struct }}) Description() string {
	return {{ cookiecutter.plugin_description | quoted }}
}

// Collect reports in a V1 pipeline, where a metric is a log of a certain form. The host logs the error.
func (p *{{ cookiecutter.__plugin_struct }}) Collect(collector pipeline.Collector) error {
	now := time.Now()
	usage, err := p.read()
	if err != nil {
		return err
	}
	labels := &helper.MetricLabels{}
	labels.Append("directory", p.Directory)
	for _, metric := range usage.metrics(now) {
		collector.AddRawLog(helper.NewMetricLog(metric.name, now.UnixNano(), metric.value, labels))
	}
	return nil
}

// Read reports in a V2 pipeline. The host logs the error.
func (p *{{ cookiecutter.__plugin_struct }}) Read(context pipeline.PipelineContext) error {
	now := time.Now()
	usage, err := p.read()
	if err != nil {
		return err
	}
	// Group and tags are new ones each time, because the rest of the pipeline changes them. Always with NewGroup: the
	// host adds its own tags to the group, and panics if they are nil.
	group := models.NewGroup(models.NewMetadata(), models.NewTags())
	for _, metric := range usage.metrics(now) {
		tags := models.NewTagsWithKeyValues("directory", p.Directory)
		context.Collector().Collect(group,
			models.NewSingleValueMetric(metric.name, models.MetricTypeGauge, tags, now.UnixNano(), metric.value))
	}
	return nil
}

// usage is what a directory holds.
type usage struct {
	files  int
	bytes  int64
	oldest time.Time // when the oldest file was last written to
}

type metric struct {
	name  string
	value float64
}

func (u usage) metrics(now time.Time) [3]metric {
	var age time.Duration
	if u.files > 0 && u.oldest.Before(now) {
		age = now.Sub(u.oldest)
	}
	return [3]metric{
		{"directory_files", float64(u.files)},
		{"directory_bytes", float64(u.bytes)},
		{"directory_oldest_seconds", age.Seconds()},
	}
}

// read looks at the directory as it is now.
func (p *{{ cookiecutter.__plugin_struct }}) read() (usage, error) {
	var u usage
	directory, err := os.Open(p.Directory)
	if err != nil {
		return u, err
	}
	defer directory.Close()

	for {
		entries, err := directory.ReadDir(batchSize)
		for _, entry := range entries {
			if errAdd := p.add(&u, entry); errAdd != nil {
				return u, errAdd
			}
		}
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return u, err
		}
	}
}

// add counts an entry of the directory if it is one of the files.
func (p *{{ cookiecutter.__plugin_struct }}) add(u *usage, entry fs.DirEntry) error {
	if matched, err := filepath.Match(p.Pattern, entry.Name()); err != nil || !matched || !entry.Type().IsRegular() {
		return err
	}
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // its consumer has just taken it
	}
	if err != nil {
		return err
	}
	if u.files == 0 || info.ModTime().Before(u.oldest) {
		u.oldest = info.ModTime()
	}
	u.files++
	u.bytes += info.Size()
	return nil
}

func init() {
	pipeline.AddMetricCreator(pluginType, func() pipeline.MetricInput {
		return &{{ cookiecutter.__plugin_struct }}{
			Directory: ".",
			Pattern:   "*",
		}
	})
}
