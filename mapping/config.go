package mapping

import "strings"

// Option configures a [Mapper].
type Option interface{ apply(config) config }

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

type config struct {
	budget           int
	functionSegment  FunctionSegment
	annotateAll      bool
	annotate         map[string]bool
	annotateResource bool // annotate has keys of the resource
	keepQuery        bool
	keepLiterals     bool
	logGroups        []byte // value of cloudwatch_logs
}

func newConfig(opts []Option) config {
	c := config{budget: DefaultBudget}
	for _, o := range opts {
		c = o.apply(c)
	}
	return c
}

// WithBudget sets how many bytes a document may have, within [MinBudget] and
// [MaxBudget]. The default is [DefaultBudget].
func WithBudget(bytes int) Option {
	return optionFunc(func(c config) config {
		c.budget = min(max(bytes, MinBudget), MaxBudget)
		return c
	})
}

// WithFunctionSegment says who owns the function segment, whatever a span says.
// The default, [FunctionSegmentAuto], leaves it to the spans.
func WithFunctionSegment(owner FunctionSegment) Option {
	return optionFunc(func(c config) config {
		c.functionSegment = owner
		return c
	})
}

// WithAnnotations makes annotations of the span attributes with these keys, in
// addition to those that a span's own aws.xray.annotations list names. An
// attribute asked for by name becomes an annotation even if a typed field holds
// it too: a URL without userinfo and query, a connection string never.
func WithAnnotations(keys ...string) Option {
	return optionFunc(func(c config) config {
		all := make(map[string]bool, len(c.annotate)+len(keys))
		for k := range c.annotate {
			all[k] = true
		}
		for _, k := range keys {
			all[k] = true
			c.annotateResource = c.annotateResource || strings.HasPrefix(k, resourcePrefix)
		}
		c.annotate = all
		return c
	})
}

// WithAllAnnotations makes annotations of all span attributes that no typed
// field holds. Lists and maps, which an annotation cannot hold, stay metadata.
func WithAllAnnotations() Option {
	return optionFunc(func(c config) config {
		c.annotateAll = true
		return c
	})
}

// WithURLQuery keeps the query of URLs: in http.request.url, in attributes, and in
// the messages of errors. Without it the query goes nowhere: it is where secrets
// travel. A URL's userinfo never goes out. Names of nodes, resources, and URLs inside
// maps and lists of unlike values have no query even with it.
func WithURLQuery() Option {
	return optionFunc(func(c config) config {
		c.keepQuery = true
		return c
	})
}

// WithSQLLiterals keeps the strings and numbers that stand in the text of a query, of
// SQL and of other databases' languages, and the parameters beside it. Without it
// each becomes a question mark: they are what a user has typed. Of a Redis key what
// names its kind stays (user:?).
func WithSQLLiterals() Option {
	return optionFunc(func(c config) config {
		c.keepLiterals = true
		return c
	})
}

// WithLogGroups names the CloudWatch log groups of segments whose resource
// names none.
func WithLogGroups(names ...string) Option {
	return optionFunc(func(c config) config {
		c.logGroups = nil
		if len(names) > 0 {
			b := []byte{'['}
			for _, n := range names {
				b = appendLogGroup(b, n)
			}
			c.logGroups = append(b, ']')
		}
		return c
	})
}
