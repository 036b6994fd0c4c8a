package models

// EventType is the kind of an event.
type EventType int

// The kinds of events.
const (
	_ EventType = iota
	EventTypeMetric
	EventTypeSpan
	EventTypeLogging
	EventTypeByteArray
)

// ContentKey and BodyKey are the key of a log's body among its contents.
const (
	ContentKey = "content"
	BodyKey    = ContentKey
)

// PipelineEvent is an event of any kind. Timestamps are in nanoseconds.
type PipelineEvent interface {
	GetName() string
	SetName(string)
	GetTags() Tags
	GetType() EventType
	GetTimestamp() uint64
	GetObservedTimestamp() uint64
	SetObservedTimestamp(uint64)
	GetSize() int64
	Clone() PipelineEvent
}

// GroupInfo is what the events of a group have in common.
type GroupInfo struct {
	Metadata Metadata
	Tags     Tags
}

// NewGroup makes a group.
func NewGroup(meta Metadata, tags Tags) *GroupInfo { return &GroupInfo{meta, tags} }

// GetMetadata returns the metadata, never nil.
func (g *GroupInfo) GetMetadata() Metadata {
	if g == nil || g.Metadata == nil {
		return NilStringValues
	}
	return g.Metadata
}

// GetTags returns the tags, never nil.
func (g *GroupInfo) GetTags() Tags {
	if g == nil || g.Tags == nil {
		return NilStringValues
	}
	return g.Tags
}

// PipelineGroupEvents is a group with its events.
type PipelineGroupEvents struct {
	Group  *GroupInfo
	Events []PipelineEvent
}

// NewTags makes an empty set.
func NewTags() Tags { return NewKeyValues[string]() }

// NewTagsWithMap makes a set around a map.
func NewTagsWithMap(tags map[string]string) Tags { return &keyValuesImpl[string]{tags} }

// NewTagsWithKeyValues makes a set of keys followed by their values.
func NewTagsWithKeyValues(keyValues ...string) Tags { return fromPairs(keyValues) }

// NewMetadata makes an empty set.
func NewMetadata() Metadata { return NewKeyValues[string]() }

// NewMetadataWithMap makes a set around a map.
func NewMetadataWithMap(md map[string]string) Metadata { return &keyValuesImpl[string]{md} }

// NewMetadataWithKeyValues makes a set of keys followed by their values.
func NewMetadataWithKeyValues(keyValues ...string) Metadata { return fromPairs(keyValues) }

func fromPairs(keyValues []string) *keyValuesImpl[string] {
	pairs := make(map[string]string)
	for i := 0; i+1 < len(keyValues); i += 2 {
		pairs[keyValues[i]] = keyValues[i+1]
	}
	return &keyValuesImpl[string]{pairs}
}

// ByteArray is an event of bytes.
type ByteArray []byte

// NewByteArray makes an event of bytes.
func NewByteArray(bytes []byte) ByteArray { return bytes }

func (ByteArray) GetName() string              { return "" }
func (ByteArray) SetName(string)               {}
func (ByteArray) GetTags() Tags                { return NilStringValues }
func (ByteArray) GetType() EventType           { return EventTypeByteArray }
func (ByteArray) GetTimestamp() uint64         { return 0 }
func (ByteArray) GetObservedTimestamp() uint64 { return 0 }
func (ByteArray) SetObservedTimestamp(uint64)  {}
func (b ByteArray) GetSize() int64             { return int64(len(b)) }
func (b ByteArray) Clone() PipelineEvent       { return b }

// Log is an event of contents.
type Log struct {
	Name              string
	Level             string
	SpanID            string
	TraceID           string
	Tags              Tags
	Timestamp         uint64
	ObservedTimestamp uint64
	Offset            uint64
	RawSize           uint64
	Contents          LogContents
}

// NewLogContents makes empty contents.
func NewLogContents() LogContents { return NewKeyValues[interface{}]() }

// NewLog makes a log; with a nil body it has no contents.
func NewLog(name string, body []byte, level, spanID, traceID string, tags Tags, timestamp uint64) *Log {
	log := &Log{
		Name: name, Level: level, SpanID: spanID, TraceID: traceID,
		Tags: tags, Timestamp: timestamp, Contents: NewLogContents(),
	}
	log.SetBody(body)
	return log
}

// NewSimpleLog makes a log of a body, tags and time.
func NewSimpleLog(body []byte, tags Tags, timestamp uint64) *Log {
	return NewLog("", body, "", "", "", tags, timestamp)
}

// NewSimpleLevelLog makes a log of a level, body, tags and time.
func NewSimpleLevelLog(level string, body []byte, tags Tags, timestamp uint64) *Log {
	return NewLog("", body, level, "", "", tags, timestamp)
}

func (m *Log) GetName() string                  { return m.Name }
func (m *Log) SetName(name string)              { m.Name = name }
func (m *Log) GetTags() Tags                    { return m.Tags }
func (m *Log) GetType() EventType               { return EventTypeLogging }
func (m *Log) GetTimestamp() uint64             { return m.Timestamp }
func (m *Log) GetObservedTimestamp() uint64     { return m.ObservedTimestamp }
func (m *Log) SetObservedTimestamp(nano uint64) { m.ObservedTimestamp = nano }
func (m *Log) GetOffset() uint64                { return m.Offset }
func (m *Log) GetLevel() string                 { return m.Level }
func (m *Log) GetSpanID() string                { return m.SpanID }
func (m *Log) GetTraceID() string               { return m.TraceID }
func (m *Log) GetSize() int64                   { return int64(len(m.GetBody())) }

// GetIndices returns the contents themselves, nil where there are none.
func (m *Log) GetIndices() LogContents { return m.Contents }

// SetIndices replaces the contents.
func (m *Log) SetIndices(indices LogContents) { m.Contents = indices }

// GetBody returns the content under BodyKey, if it is text.
func (m *Log) GetBody() []byte {
	if m.Contents == nil {
		return nil
	}
	switch body := m.Contents.Get(BodyKey).(type) {
	case []byte:
		return body
	case string:
		return []byte(body)
	}
	return nil
}

// SetBody sets the content under BodyKey; nil is ignored.
func (m *Log) SetBody(body []byte) {
	if m.Contents == nil {
		m.Contents = NewLogContents()
	}
	if body != nil {
		m.Contents.Add(BodyKey, body)
	}
}

// Clone copies the log; tags and contents stay shared.
func (m *Log) Clone() PipelineEvent {
	clone := *m
	clone.RawSize = 0
	return &clone
}

// SpanKind is the role of a span.
type SpanKind int

// The roles of spans.
const (
	_ SpanKind = iota
	SpanKindInternal
	SpanKindServer
	SpanKindClient
	SpanKindProducer
	SpanKindConsumer
)

// StatusCode is the result of a span.
type StatusCode int

// The results of spans.
const (
	StatusCodeUnSet StatusCode = iota
	StatusCodeOK
	StatusCodeError
)

// SpanLink points to another span.
type SpanLink struct {
	TraceID    string
	SpanID     string
	TraceState string
	Tags       Tags
}

// SpanEvent is a moment within a span.
type SpanEvent struct {
	Timestamp int64
	Name      string
	Tags      Tags
}

// Span is an event of a trace.
type Span struct {
	TraceID           string
	SpanID            string
	ParentSpanID      string
	Name              string
	TraceState        string
	StartTime         uint64
	EndTime           uint64
	ObservedTimestamp uint64
	Kind              SpanKind
	Status            StatusCode
	Tags              Tags
	Links             []*SpanLink
	Events            []*SpanEvent
}

// NewSpan makes a span.
func NewSpan(name, traceID, spanID string, kind SpanKind, startTime, endTime uint64, tags Tags, events []*SpanEvent, links []*SpanLink) *Span {
	return &Span{
		Name: name, TraceID: traceID, SpanID: spanID, Kind: kind, StartTime: startTime, EndTime: endTime,
		Tags: tags, Events: events, Links: links,
	}
}

func (m *Span) GetName() string                  { return m.Name }
func (m *Span) SetName(name string)              { m.Name = name }
func (m *Span) GetTags() Tags                    { return m.Tags }
func (m *Span) GetType() EventType               { return EventTypeSpan }
func (m *Span) GetTimestamp() uint64             { return m.StartTime }
func (m *Span) GetObservedTimestamp() uint64     { return m.ObservedTimestamp }
func (m *Span) SetObservedTimestamp(nano uint64) { m.ObservedTimestamp = nano }
func (m *Span) GetTraceID() string               { return m.TraceID }
func (m *Span) GetSpanID() string                { return m.SpanID }
func (m *Span) GetParentSpanID() string          { return m.ParentSpanID }
func (m *Span) GetKind() SpanKind                { return m.Kind }
func (m *Span) GetStatus() StatusCode            { return m.Status }
func (m *Span) GetStartTime() uint64             { return m.StartTime }
func (m *Span) GetEndTime() uint64               { return m.EndTime }
func (m *Span) GetSize() int64                   { return int64(len(m.Name) + len(m.TraceID) + len(m.SpanID)) }

// Clone copies the span; tags, links and events stay shared.
func (m *Span) Clone() PipelineEvent {
	clone := *m
	return &clone
}
