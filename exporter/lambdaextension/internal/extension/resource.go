package extension

import (
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// newResource completes a resource by what the environment says of the function: the
// SDK of few languages has a detector for Lambda, and whatever sends to a Lambda
// extension is in Lambda.
//
// Source: https://opentelemetry.io/docs/specs/semconv/resource/faas/
func (x *Extension) newResource(attrs []attribute.KeyValue) *mapping.Resource {
	name := x.getenv(envFunctionName)
	if name == "" {
		return mapping.NewResource(attrs) // a container of one's own
	}
	known := make(map[attribute.Key]bool, len(attrs))
	all := make([]attribute.KeyValue, 0, len(attrs)+8)
	for _, kv := range attrs {
		if kv.Key != "cloud.platform" { // it is in Lambda, and nowhere else
			known[kv.Key] = true
			all = append(all, kv)
		}
	}
	add := func(key attribute.Key, value string) {
		if !known[key] && value != "" {
			all = append(all, key.String(value))
		}
	}
	all = append(all, attribute.String("cloud.platform", "aws_lambda"))
	add("cloud.provider", "aws")
	add("cloud.region", x.getenv(envRegion))
	add("faas.name", name)
	add("faas.version", x.getenv(envFunctionVersion))
	add("faas.instance", x.getenv(envLogStream))
	if mb, err := strconv.Atoi(x.getenv(envMemorySize)); err == nil && !known["faas.max_memory"] {
		all = append(all, attribute.Int("faas.max_memory", mb<<20))
	}
	if group := x.getenv(envLogGroup); group != "" && !known["aws.log.group.names"] {
		all = append(all, attribute.StringSlice("aws.log.group.names", []string{group}))
	}
	res := mapping.NewResource(all)
	x.apartMu.Lock()
	defer x.apartMu.Unlock()
	if x.apart == nil || len(x.apart) == maxApart {
		x.apart = make(map[*mapping.Resource]*mapping.Resource)
	}
	x.apart[res] = mapping.NewResource(slices.DeleteFunc(all, func(kv attribute.KeyValue) bool {
		return kv.Key == "cloud.platform" || kv.Key == "faas.name"
	}))
	return res
}

// maxApart bounds what [Extension.apartFrom] knows; a function has one resource.
const maxApart = 1024

// apartFrom returns the resource for what runs in a Lambda and is no part of an
// invocation: its segments are not Lambda's, so that the function's node counts
// invocations only.
func (x *Extension) apartFrom(res *mapping.Resource) *mapping.Resource {
	x.apartMu.Lock()
	defer x.apartMu.Unlock()
	if apart := x.apart[res]; apart != nil {
		return apart
	}
	return res
}
