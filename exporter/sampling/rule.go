package sampling

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/lambdaxray/lambdaxray/mapping"
)

// service is what rules look at of the resource.
type service struct {
	name   string // "" if segments are named after their spans
	origin string
	arn    string
}

func newService(res *resource.Resource) service {
	if res == nil {
		res = resource.Default()
	}
	r := mapping.NewResource(res.Attributes())
	s := service{name: r.SegmentName(), origin: r.Origin()}
	for _, key := range []attribute.Key{"aws.ecs.container.arn", "cloud.resource_id"} {
		if v, ok := res.Set().Value(key); ok && s.arn == "" {
			s.arn = v.AsString()
		}
	}
	return s
}

// rule is a sampling rule with its patterns prepared. All but the reservoir is
// constant.
type rule struct {
	source    samplingRule
	span      pattern // of the service's name, if that is the span's
	method    pattern
	host      pattern
	path      pattern
	all       []attributePattern
	reservoir *reservoir
}

type attributePattern struct {
	key   string
	value pattern
}

// newRule prepares a rule; it reports false if no span of the service can match.
func newRule(source samplingRule, s *service) (rule, bool) {
	name, origin, arn := newPattern(source.ServiceName), newPattern(source.ServiceType), newPattern(source.ResourceARN)
	ofService := arn.match(s.arn) &&
		(origin.match(s.origin) || strings.HasPrefix(s.origin, "AWS::ECS::") && origin.match("AWS::ECS::Container"))
	r := rule{
		source: source,
		span:   pattern{any: true},
		method: newPattern(source.HTTPMethod),
		host:   newPattern(source.Host),
		path:   newPattern(source.URLPath),
	}
	if s.name == "" {
		r.span = name
	} else if !name.match(s.name) {
		ofService = false
	}
	for key, value := range source.Attributes {
		r.all = append(r.all, attributePattern{key, newPattern(value)})
	}
	return r, ofService
}

func (r *rule) matches(q *request) bool {
	if !r.method.match(q.method) || !r.path.match(q.path) || !q.matchHost(&r.host) || !r.span.match(q.span) {
		return false
	}
	for i := range r.all {
		if value, ok := q.attribute(r.all[i].key); !ok || !r.all[i].value.match(value) {
			return false
		}
	}
	return true
}

// firstMatch returns the rule that decides, nil if there is none.
func firstMatch(rules []rule, q *request) *rule {
	for i := range rules {
		if rules[i].matches(q) {
			return &rules[i]
		}
	}
	return nil
}

// newRules prepares X-Ray's answer in the order in which rules are tried. A rule
// that is known from before keeps its reservoir: as it is if nothing in the rule
// changed, else its statistics only.
func newRules(records []samplingRuleRecord, s *service, before []rule, now time.Duration) []rule {
	var sources []samplingRule
	for _, record := range records {
		// A version that is not known may mean anything.
		if r := record.SamplingRule; r != nil && r.Version == 1 && r.RuleName != "" {
			sources = append(sources, *r)
		}
	}
	slices.SortStableFunc(sources, func(a, b samplingRule) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.RuleName, b.RuleName))
	})
	var rules []rule
	for i, source := range sources {
		if i > 0 && sources[i-1].RuleName == source.RuleName { // the name is X-Ray's key
			continue
		}
		r, ok := newRule(source, s)
		if !ok {
			continue
		}
		r.reservoir = newReservoir(&source, now)
		if old := slices.IndexFunc(before, func(b rule) bool { return b.source.RuleName == source.RuleName }); old >= 0 {
			r.reservoir = before[old].reservoir
			if !reflect.DeepEqual(before[old].source, source) {
				r.reservoir.renew(&source)
			}
		}
		rules = append(rules, r)
	}
	return rules
}
