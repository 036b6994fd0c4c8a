package pipeline

// The creators of plugins; what they return must be pointers, because the configuration is decoded into it.
type (
	MetricCreator     func() MetricInput
	ServiceCreator    func() ServiceInput
	ProcessorCreator  func() Processor
	AggregatorCreator func() Aggregator
	FlusherCreator    func() Flusher
	ExtensionCreator  func() Extension
)

// The registered plugins by type.
var (
	MetricInputs  = map[string]MetricCreator{}
	ServiceInputs = map[string]ServiceCreator{}
	Processors    = map[string]ProcessorCreator{}
	Aggregators   = map[string]AggregatorCreator{}
	Flushers      = map[string]FlusherCreator{}
	Extensions    = map[string]ExtensionCreator{}
)

// AddMetricCreator registers a metric input; as with all kinds, a second one of the same type wins.
func AddMetricCreator(name string, creator MetricCreator) { MetricInputs[name] = creator }

// AddServiceCreator registers a service input.
func AddServiceCreator(name string, creator ServiceCreator) { ServiceInputs[name] = creator }

// AddProcessorCreator registers a processor.
func AddProcessorCreator(name string, creator ProcessorCreator) { Processors[name] = creator }

// AddAggregatorCreator registers an aggregator.
func AddAggregatorCreator(name string, creator AggregatorCreator) { Aggregators[name] = creator }

// AddFlusherCreator registers a flusher.
func AddFlusherCreator(name string, creator FlusherCreator) { Flushers[name] = creator }

// AddExtensionCreator registers an extension.
func AddExtensionCreator(name string, creator ExtensionCreator) { Extensions[name] = creator }
