// Package models holds the events of V2 pipelines.
package models

import "sort"

// KeyValue is an entry of KeyValues.
type KeyValue[TValue string | float64 | *TypedValue | any] struct {
	Key   string
	Value TValue
}

// KeyValues is a map that may be absent.
type KeyValues[TValue string | float64 | *TypedValue | any] interface {
	Add(key string, value TValue)
	AddAll(items map[string]TValue)
	Get(key string) TValue
	Contains(key string) bool
	Delete(key string)
	Merge(other KeyValues[TValue])
	// Iterator returns the map itself, not a copy.
	Iterator() map[string]TValue
	// SortTo appends the entries by key to the emptied buffer.
	SortTo(buf []KeyValue[TValue]) []KeyValue[TValue]
	Len() int
	IsNil() bool
}

// The types of the KeyValues in events and groups.
type (
	Tags              KeyValues[string]
	Metadata          KeyValues[string]
	LogContents       KeyValues[interface{}]
	MetricFloatValues interface{ KeyValues[float64] }
	MetricTypedValues interface{ KeyValues[*TypedValue] }
)

// What getters return where nothing is: readable, and ignoring what is added.
var (
	NilStringValues    = &keyValuesNil[string]{}
	NilTypedValues     = &keyValuesNil[*TypedValue]{}
	NilFloatValues     = &keyValuesNil[float64]{}
	NilInterfaceValues = &keyValuesNil[interface{}]{}
)

// NewKeyValues makes an empty map.
func NewKeyValues[TValue string | float64 | *TypedValue | any]() KeyValues[TValue] {
	return &keyValuesImpl[TValue]{make(map[string]TValue)}
}

// keyValuesImpl holds a map; made around a nil one it ignores what is added.
type keyValuesImpl[TValue string | float64 | *TypedValue | any] struct {
	keyValues map[string]TValue
}

func (kv *keyValuesImpl[TValue]) Add(key string, value TValue) {
	if kv.keyValues != nil {
		kv.keyValues[key] = value
	}
}

func (kv *keyValuesImpl[TValue]) AddAll(items map[string]TValue) {
	for key, value := range items {
		kv.Add(key, value)
	}
}

func (kv *keyValuesImpl[TValue]) Get(key string) TValue { return kv.keyValues[key] }

func (kv *keyValuesImpl[TValue]) Contains(key string) bool {
	_, ok := kv.keyValues[key]
	return ok
}

func (kv *keyValuesImpl[TValue]) Delete(key string) { delete(kv.keyValues, key) }

func (kv *keyValuesImpl[TValue]) Merge(other KeyValues[TValue]) { kv.AddAll(other.Iterator()) }

func (kv *keyValuesImpl[TValue]) Iterator() map[string]TValue { return kv.keyValues }

func (kv *keyValuesImpl[TValue]) SortTo(buf []KeyValue[TValue]) []KeyValue[TValue] {
	buf = buf[:0]
	for key, value := range kv.keyValues {
		buf = append(buf, KeyValue[TValue]{key, value})
	}
	sort.Slice(buf, func(i, j int) bool { return buf[i].Key < buf[j].Key })
	return buf
}

func (kv *keyValuesImpl[TValue]) Len() int { return len(kv.keyValues) }

func (kv *keyValuesImpl[TValue]) IsNil() bool { return false }

type keyValuesNil[TValue string | float64 | *TypedValue | any] struct{}

func (*keyValuesNil[TValue]) Add(string, TValue)          {}
func (*keyValuesNil[TValue]) AddAll(map[string]TValue)    {}
func (*keyValuesNil[TValue]) Contains(string) bool        { return false }
func (*keyValuesNil[TValue]) Delete(string)               {}
func (*keyValuesNil[TValue]) Merge(KeyValues[TValue])     {}
func (*keyValuesNil[TValue]) Iterator() map[string]TValue { return map[string]TValue{} }
func (*keyValuesNil[TValue]) Len() int                    { return 0 }
func (*keyValuesNil[TValue]) IsNil() bool                 { return true }

func (*keyValuesNil[TValue]) Get(string) (none TValue) { return none }

func (*keyValuesNil[TValue]) SortTo([]KeyValue[TValue]) []KeyValue[TValue] { return nil }
