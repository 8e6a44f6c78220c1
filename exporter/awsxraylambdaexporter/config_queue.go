package awsxraylambdaexporter

import (
	"time"

	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
)

// Defaults of the queue. A call costs the same with few documents as with many:
// a request of six spans alone in a call takes seven times the processor time a
// span that one in a batch of 300 does.
const (
	queueSpans   = 100_000 // 5 s at 20,000 a second; 173 MB of the reference trace
	batchSpans   = 300
	maxSpans     = 2000
	batchTimeout = 200 * time.Millisecond

	// The same in other units, for who chooses those.
	queueRequests = 10_000
	queueBytes    = 128 << 20
	batchBytes    = 256 << 10
)

func defaultQueue() exporterhelper.QueueBatchConfig {
	batch := exporterhelper.NewDefaultBatchConfig()
	batch.FlushTimeout = batchTimeout
	batch.Sizer = exporterhelper.RequestSizerTypeItems
	batch.MinSize = batchSpans
	batch.MaxSize = maxSpans
	q := exporterhelper.NewDefaultQueueConfig()
	q.Sizer = exporterhelper.RequestSizerTypeItems
	q.QueueSize = queueSpans
	q.Batch = configoptional.Some(batch)
	return q
}

// Unmarshal reads the configuration. Sizes of the queue that are left out follow
// those that are given: the defaults count spans.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	if err := conf.Unmarshal(c); err != nil {
		return err
	}
	if !c.Queue.HasValue() {
		return nil
	}
	q := c.Queue.Get()
	if !conf.IsSet("sending_queue::queue_size") {
		switch q.Sizer {
		case exporterhelper.RequestSizerTypeRequests:
			q.QueueSize = queueRequests
		case exporterhelper.RequestSizerTypeBytes:
			q.QueueSize = queueBytes
		}
	}
	if !q.Batch.HasValue() {
		return nil
	}
	b := q.Batch.Get()
	if b.Sizer == exporterhelper.RequestSizerTypeRequests && !conf.IsSet("sending_queue::batch::sizer") {
		b.Sizer = exporterhelper.RequestSizerTypeItems // the queue's, which batches cannot have
	}
	inBytes := b.Sizer == exporterhelper.RequestSizerTypeBytes
	if inBytes && !conf.IsSet("sending_queue::batch::min_size") {
		b.MinSize = batchBytes
	}
	if !conf.IsSet("sending_queue::batch::max_size") {
		b.MaxSize = max(b.MaxSize, b.MinSize)
		if inBytes {
			b.MaxSize = 0 // exporterhelper drops a span that is larger
		}
	}
	if !conf.IsSet("sending_queue::batch::min_size") {
		if b.MaxSize > 0 {
			b.MinSize = min(b.MinSize, b.MaxSize)
		}
		if b.Sizer == q.Sizer {
			b.MinSize = min(b.MinSize, q.QueueSize)
		}
	}
	return nil
}

// asynchronous reports whether a request's sender goes on before X-Ray has it.
func (c *Config) asynchronous() bool {
	return c.Queue.HasValue() && !c.Queue.Get().WaitForResult
}

// persistent reports whether the queue is on disk.
func (c *Config) persistent() bool {
	return c.Queue.HasValue() && c.Queue.Get().StorageID != nil
}

// batchMax returns the largest batch in spans, 0 if there is none or it is
// measured in bytes.
func (c *Config) batchMax() int {
	if !c.Queue.HasValue() || !c.Queue.Get().Batch.HasValue() {
		return 0
	}
	if b := c.Queue.Get().Batch.Get(); b.Sizer == exporterhelper.RequestSizerTypeItems {
		return int(b.MaxSize)
	}
	return 0
}

// portion is how many spans are mapped and sent at a time.
func (c *Config) portion() int {
	if n := c.batchMax(); n > 0 {
		return n
	}
	return maxSpans
}

// helperQueue is the queue as exporterhelper has it. It would cut a batch at a
// number of spans, through the middle of a trace; see [portions].
func (c *Config) helperQueue() configoptional.Optional[exporterhelper.QueueBatchConfig] {
	if c.batchMax() == 0 {
		return c.Queue
	}
	q := *c.Queue.Get()
	b := *q.Batch.Get()
	b.MaxSize = 0
	q.Batch = configoptional.Some(b)
	return configoptional.Some(q)
}

// helperRetry is retry_on_failure as exporterhelper has it. Behind a queue the
// exporter itself gives up, and counts what; and it is exporterhelper's retries
// that leave a request on disk when the Collector stops.
func (c *Config) helperRetry() configretry.BackOffConfig {
	r := c.Retry
	if c.asynchronous() {
		r.MaxElapsedTime = 0
		r.Enabled = r.Enabled || c.persistent()
	}
	return r
}
