package exporter

import (
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// preparedResource is a resource as the mapper wants it.
type preparedResource struct {
	of     *resource.Resource
	mapped *mapping.Resource
	lambda bool // spans of it may be function spans
}

// resourceCache prepares each resource once. A process has one, seldom a few.
type resourceCache struct {
	last atomic.Pointer[preparedResource]

	mu  sync.Mutex
	all map[*resource.Resource]*preparedResource
}

// maxResources bounds the cache where someone makes a resource for every request.
const maxResources = 64

func (c *resourceCache) get(r *resource.Resource) *preparedResource {
	if p := c.last.Load(); p != nil && p.of == r {
		return p
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.all[r]
	if p == nil {
		if c.all == nil || len(c.all) == maxResources {
			c.all = make(map[*resource.Resource]*preparedResource)
		}
		attrs := r.Attributes()
		p = &preparedResource{of: r, mapped: mapping.NewResource(attrs), lambda: isLambda(attrs)}
		c.all[r] = p
	}
	c.last.Store(p)
	return p
}

// isLambda reports whether the resource is a Lambda function, by the mapper's
// rule: Go's detector leaves cloud.platform out, so faas.name counts as well,
// except at another provider.
func isLambda(attrs []attribute.KeyValue) bool {
	var platform, provider, name string
	for _, kv := range attrs {
		switch kv.Key {
		case "cloud.platform":
			platform = kv.Value.AsString()
		case "cloud.provider":
			provider = kv.Value.AsString()
		case "faas.name":
			name = kv.Value.AsString()
		}
	}
	if platform != "" {
		return platform == "aws_lambda"
	}
	return name != "" && (provider == "" || provider == "aws")
}
