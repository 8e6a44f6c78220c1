package xrayapi

import "time"

// Limits of one call.
const (
	// MaxDocuments is how many documents PutTraceSegments takes in a call.
	MaxDocuments = 50
	// DefaultMaxBytes bounds the body of a call. AWS publishes no limit; the
	// X-Ray daemon sends up to 50 documents of 64 KB.
	DefaultMaxBytes = 1 << 20
	// DefaultConcurrency is how many calls are made at a time.
	DefaultConcurrency = 8
)

// Option configures an [Emitter].
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct {
	maxBytes       int
	concurrency    int
	attemptTimeout time.Duration
	finalDenials   bool
	attempt        func(Attempt)
}

func newConfig(opts []Option) config {
	c := config{maxBytes: DefaultMaxBytes, concurrency: DefaultConcurrency}
	for _, o := range opts {
		c = o.apply(c)
	}
	return c
}

// WithMaxBytes bounds the body of a call, in bytes as they go out: documents
// are quoted in it. A document above the bound is sent in a call of its own.
// The default is [DefaultMaxBytes]; a value below 1 changes nothing.
func WithMaxBytes(n int) Option {
	return optionFunc(func(c config) config {
		if n > 0 {
			c.maxBytes = n
		}
		return c
	})
}

// WithConcurrency bounds the calls that are made at a time, over all uses of the
// Emitter. A call that waits before it is made again does not count. The default
// is [DefaultConcurrency]; a value below 1 changes nothing.
func WithConcurrency(n int) Option {
	return optionFunc(func(c config) config {
		if n > 0 {
			c.concurrency = n
		}
		return c
	})
}

// WithAttemptTimeout bounds one attempt at a call, the fetching of credentials
// included. Without it only Emit's context does, and what bounds the client's
// HTTP client. A value below 1 changes nothing.
func WithAttemptTimeout(d time.Duration) Option {
	return optionFunc(func(c config) config {
		if d > 0 {
			c.attemptTimeout = d
		}
		return c
	})
}

// WithFinalDenials makes a call final that X-Ray refused for its signature or
// its permissions. Without it such a call is temporary: keys rotate, and
// policies get mended.
func WithFinalDenials() Option {
	return optionFunc(func(c config) config {
		c.finalDenials = true
		return c
	})
}

// WithAttemptFunc has f called after every attempt at a call, before Emit
// returns: what goes wrong shows at its first time. f must be safe for
// concurrent use.
func WithAttemptFunc(f func(Attempt)) Option {
	return optionFunc(func(c config) config {
		c.attempt = f
		return c
	})
}

// Attempt is what came of one PutTraceSegments.
type Attempt struct {
	Documents   int // in the call
	Unprocessed int // entries of the answer's UnprocessedTraceSegments
	// Code and Err say why there was no answer of X-Ray's that takes documents;
	// both are zero if there was. See [Failure] for the codes.
	Code string
	Err  error
}
