package helper

import (
	"errors"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/alibaba/ilogtail/pkg/protocol"
)

// CreateLog makes a log whose contents are the tags and the fields.
func CreateLog(t time.Time, enableTimestampNano bool, configTag map[string]string, logTags map[string]string, fields map[string]string) (*protocol.Log, error) {
	log := &protocol.Log{}
	for _, entries := range []map[string]string{configTag, logTags, fields} {
		for key, value := range entries {
			log.Contents = append(log.Contents, &protocol.Log_Content{Key: key, Value: value})
		}
	}
	setTime(log, t, enableTimestampNano)
	return log, nil
}

// CreateLogByArray makes a log whose contents are the tags and the columns.
func CreateLogByArray(t time.Time, enableTimestampNano bool, configTag map[string]string, logTags map[string]string, columns []string, values []string) (*protocol.Log, error) {
	if len(columns) != len(values) {
		return nil, errors.New("columns and values not equal")
	}
	log, _ := CreateLog(t, enableTimestampNano, configTag, logTags, nil)
	for i, column := range columns {
		log.Contents = append(log.Contents, &protocol.Log_Content{Key: column, Value: values[i]})
	}
	return log, nil
}

func setTime(log *protocol.Log, t time.Time, nano bool) {
	if nano {
		protocol.SetLogTimeWithNano(log, uint32(t.Unix()), uint32(t.Nanosecond()))
	} else {
		protocol.SetLogTime(log, uint32(t.Unix()))
	}
}

// MetricLabels are the labels of a metric in a V1 pipeline.
type MetricLabels struct {
	keyValues [][2]string
}

// Append adds a label.
func (kv *MetricLabels) Append(key, value string) {
	kv.keyValues = append(kv.keyValues, [2]string{key, value})
}

// String returns the labels by key as `key#$#value|key#$#value`.
func (kv *MetricLabels) String() string {
	if kv == nil {
		return ""
	}
	sort.Slice(kv.keyValues, func(i, j int) bool { return kv.keyValues[i][0] < kv.keyValues[j][0] })
	parts := make([]string, 0, len(kv.keyValues))
	for _, label := range kv.keyValues {
		parts = append(parts, label[0]+"#$#"+label[1])
	}
	return strings.Join(parts, "|")
}

// NewMetricLog makes the log of a metric at a time in milliseconds (13 digits) or nanoseconds (19 digits).
func NewMetricLog(name string, t int64, value float64, labels *MetricLabels) *protocol.Log {
	if t < 1e15 {
		t *= 1e6
	}
	log := &protocol.Log{Contents: []*protocol.Log_Content{
		{Key: "__name__", Value: name},
		{Key: "__time_nano__", Value: strconv.FormatInt(t, 10)},
		{Key: "__labels__", Value: labels.String()},
		{Key: "__value__", Value: strconv.FormatFloat(value, 'g', -1, 64)},
	}}
	setTime(log, time.Unix(0, t), true)
	return log
}
