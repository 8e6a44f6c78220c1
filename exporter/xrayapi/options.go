package xrayapi

// Limits of one call.
const (
	// MaxDocuments is how many documents PutTraceSegments takes in a call.
	MaxDocuments = 50
	// DefaultMaxBytes bounds the documents of a call. AWS publishes no limit;
	// the X-Ray daemon sends up to 50 documents of 64 KB.
	DefaultMaxBytes = 1 << 20
	// DefaultConcurrency is how many calls are made at a time.
	DefaultConcurrency = 8
)

// Option configures an [Emitter].
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct {
	maxBytes    int
	concurrency int
}

func newConfig(opts []Option) config {
	c := config{maxBytes: DefaultMaxBytes, concurrency: DefaultConcurrency}
	for _, o := range opts {
		c = o.apply(c)
	}
	return c
}

// WithMaxBytes bounds the documents of a call, in bytes before they are quoted
// for the request. A document above the bound is sent in a call of its own. The
// default is [DefaultMaxBytes]; a value below 1 changes nothing.
func WithMaxBytes(n int) Option {
	return optionFunc(func(c config) config {
		if n > 0 {
			c.maxBytes = n
		}
		return c
	})
}

// WithConcurrency bounds the calls that are made at a time, over all uses of the
// Emitter. The default is [DefaultConcurrency]; a value below 1 changes nothing.
func WithConcurrency(n int) Option {
	return optionFunc(func(c config) config {
		if n > 0 {
			c.concurrency = n
		}
		return c
	})
}
