// Package protocol holds the events of V1 pipelines. The real types are generated from protocol buffers.
package protocol

// Log is an event; Time is in seconds, TimeNs the nanoseconds of that second.
type Log struct {
	Time     uint32
	Contents []*Log_Content
	Values   []string
	TimeNs   *uint32
}

// GetTime returns the time in seconds.
func (m *Log) GetTime() uint32 {
	if m == nil {
		return 0
	}
	return m.Time
}

// GetTimeNs returns the nanoseconds of that second.
func (m *Log) GetTimeNs() uint32 {
	if m == nil || m.TimeNs == nil {
		return 0
	}
	return *m.TimeNs
}

// GetContents returns the log's keys and values.
func (m *Log) GetContents() []*Log_Content {
	if m == nil {
		return nil
	}
	return m.Contents
}

// Log_Content is a key of a log and its value.
type Log_Content struct { //nolint:revive // the name that the protocol buffer compiler gives
	Key   string
	Value string
}

// GetKey returns the key.
func (m *Log_Content) GetKey() string {
	if m == nil {
		return ""
	}
	return m.Key
}

// GetValue returns the value.
func (m *Log_Content) GetValue() string {
	if m == nil {
		return ""
	}
	return m.Value
}

// LogTag is a tag of all logs of a group.
type LogTag struct {
	Key   string
	Value string
}

// GetKey returns the key.
func (m *LogTag) GetKey() string {
	if m == nil {
		return ""
	}
	return m.Key
}

// GetValue returns the value.
func (m *LogTag) GetValue() string {
	if m == nil {
		return ""
	}
	return m.Value
}

// LogGroup is what an aggregator hands to the flushers.
type LogGroup struct {
	Logs        []*Log
	Category    string
	Topic       string
	Source      string
	MachineUUID string
	LogTags     []*LogTag
}

// GetLogs returns the logs.
func (m *LogGroup) GetLogs() []*Log {
	if m == nil {
		return nil
	}
	return m.Logs
}

// GetLogTags returns the tags.
func (m *LogGroup) GetLogTags() []*LogTag {
	if m == nil {
		return nil
	}
	return m.LogTags
}

// GetTopic returns the topic.
func (m *LogGroup) GetTopic() string {
	if m == nil {
		return ""
	}
	return m.Topic
}

// SetLogTime sets the time in seconds and leaves the nanoseconds alone.
func SetLogTime(log *Log, second uint32) {
	log.Time = second
}

// SetLogTimeWithNano sets the whole time.
func SetLogTimeWithNano(log *Log, second uint32, nanosecond uint32) {
	log.Time = second
	log.TimeNs = &nanosecond
}

// CloneLog copies time and contents; the nanoseconds stay shared, and the values are left out.
func CloneLog(log *Log) *Log {
	clone := &Log{Time: log.Time, TimeNs: log.TimeNs, Contents: make([]*Log_Content, 0, len(log.Contents))}
	for _, content := range log.Contents {
		clone.Contents = append(clone.Contents, &Log_Content{Key: content.Key, Value: content.Value})
	}
	return clone
}
