package awsxraylambdaexporter

import (
	"context"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
)

// disk is a storage extension whose content outlives the exporters that use it,
// as a disk outlives processes. It is the host that has itself as extension.
type disk struct {
	component.StartFunc
	component.ShutdownFunc

	mu      sync.Mutex
	entries map[string][]byte
}

var (
	_      storage.Extension = (*disk)(nil)
	diskID                   = component.MustNewID("disk")
)

func newDisk() *disk { return &disk{entries: map[string][]byte{}} }

func (d *disk) GetExtensions() map[component.ID]component.Component {
	return map[component.ID]component.Component{diskID: d}
}

func (d *disk) GetClient(context.Context, component.Kind, component.ID, string) (storage.Client, error) {
	return diskClient{d}, nil
}

type diskClient struct{ *disk }

func (c diskClient) Get(ctx context.Context, key string) ([]byte, error) {
	op := storage.GetOperation(key)
	err := c.Batch(ctx, op)
	return op.Value, err
}

func (c diskClient) Set(ctx context.Context, key string, value []byte) error {
	return c.Batch(ctx, storage.SetOperation(key, value))
}

func (c diskClient) Delete(ctx context.Context, key string) error {
	return c.Batch(ctx, storage.DeleteOperation(key))
}

func (c diskClient) Batch(_ context.Context, ops ...*storage.Operation) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, op := range ops {
		switch op.Type {
		case storage.Get:
			op.Value = c.entries[op.Key]
		case storage.Set:
			c.entries[op.Key] = op.Value
		case storage.Delete:
			delete(c.entries, op.Key)
		}
	}
	return nil
}

func (diskClient) Close(context.Context) error { return nil }
