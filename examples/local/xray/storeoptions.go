package xray

// StoreOption configures a [Store].
type StoreOption interface{ applyStore(*Store) }

type storeOption func(*Store)

func (o storeOption) applyStore(s *Store) { o(s) }

// WithMaxBytes limits the documents of all traces; the trace whose last document
// came first goes first. Default 256 MB. In memory a document takes about a third
// of its size, and a trace 1.5 kB besides.
func WithMaxBytes(n int) StoreOption { return storeOption(func(s *Store) { s.maxBytes = n }) }

// WithMaxTraces limits the number of traces. Default 250,000, at least 1.
func WithMaxTraces(n int) StoreOption {
	return storeOption(func(s *Store) { s.maxTraces = max(n, 1) })
}

// WithMaxTraceBytes limits the documents of one trace. What comes after is not
// kept and [Trace] says LimitExceeded. Default 500 kB, which X-Ray allows when
// the documents arrive together; when they trickle it allows about 100 kB.
//
// Source: https://docs.aws.amazon.com/general/latest/gr/xray.html#limits_xray
func WithMaxTraceBytes(n int) StoreOption {
	return storeOption(func(s *Store) { s.maxTraceBytes = n })
}
