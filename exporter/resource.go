package exporter

import (
	"cmp"
	"os"
	"slices"
	"strconv"
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
	attrs  []attribute.KeyValue

	once      sync.Once
	notLambda *mapping.Resource
}

// apart returns the resource for what runs in a Lambda and is no part of an
// invocation: its segments are not Lambda's, so that the function's node counts
// invocations only.
func (r *preparedResource) apart() *mapping.Resource {
	r.once.Do(func() {
		var attrs []attribute.KeyValue
		for _, kv := range r.attrs {
			if kv.Key != keyPlatform && kv.Key != keyFunctionName {
				attrs = append(attrs, kv)
			}
		}
		r.notLambda = mapping.NewResource(attrs)
	})
	return r.notLambda
}

// resourceCache prepares each resource once. A process has one, seldom a few. The
// zero value is ready.
type resourceCache struct {
	lambda bool // the process is a Lambda function, whatever a resource says

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
		p = c.prepare(r)
		c.all[r] = p
	}
	c.last.Store(p)
	return p
}

func (c *resourceCache) prepare(r *resource.Resource) *preparedResource {
	attrs := r.Attributes()
	lambda := isLambda(attrs)
	if c.lambda && !lambda {
		lambda, attrs = true, addFunction(attrs)
	}
	return &preparedResource{of: r, mapped: mapping.NewResource(attrs), lambda: lambda, attrs: attrs}
}

const (
	keyPlatform     = attribute.Key("cloud.platform")
	keyFunctionName = attribute.Key("faas.name")
)

// addFunction returns attrs with what the environment says about the function and
// they do not: a provider of the user's own seldom has a detector for Lambda.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func addFunction(attrs []attribute.KeyValue) []attribute.KeyValue {
	known := make(map[attribute.Key]bool, len(attrs))
	var all []attribute.KeyValue
	for _, kv := range attrs {
		if kv.Key != keyPlatform { // it runs in Lambda, and nowhere else
			known[kv.Key] = true
			all = append(all, kv)
		}
	}
	add := func(kv attribute.KeyValue) {
		if !known[kv.Key] && kv.Value.String() != "" {
			all = append(all, kv)
		}
	}
	add(keyPlatform.String("aws_lambda"))
	add(attribute.String("cloud.provider", "aws"))
	for key, variable := range map[attribute.Key]string{
		"cloud.region":  "AWS_REGION",
		keyFunctionName: envFunctionName,
		"faas.version":  "AWS_LAMBDA_FUNCTION_VERSION",
		"faas.instance": "AWS_LAMBDA_LOG_STREAM_NAME",
	} {
		add(key.String(os.Getenv(variable)))
	}
	if group := os.Getenv("AWS_LAMBDA_LOG_GROUP_NAME"); group != "" {
		add(attribute.StringSlice("aws.log.group.names", []string{group}))
	}
	if mb, err := strconv.Atoi(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")); err == nil {
		add(attribute.Int("faas.max_memory", mb<<20))
	}
	// Stable, as attribute.NewSet: another sort would be 20 KB more in every function.
	slices.SortStableFunc(all, func(a, b attribute.KeyValue) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

// isLambda reports whether the resource is a Lambda function, by the mapper's
// rule: Go's detector leaves cloud.platform out, so faas.name counts as well,
// except at another provider.
func isLambda(attrs []attribute.KeyValue) bool {
	var platform, provider, name string
	for _, kv := range attrs {
		switch kv.Key {
		case keyPlatform:
			platform = kv.Value.AsString()
		case "cloud.provider":
			provider = kv.Value.AsString()
		case keyFunctionName:
			name = kv.Value.AsString()
		}
	}
	if platform != "" {
		return platform == "aws_lambda"
	}
	return name != "" && (provider == "" || provider == "aws")
}
