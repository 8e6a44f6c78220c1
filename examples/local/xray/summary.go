package xray

import (
	"cmp"
	"slices"
	"time"
)

// TraceSummary is what GetTraceSummaries returns of one trace. Root causes are
// not modelled.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_TraceSummary.html
type TraceSummary struct {
	ID           string  `json:"Id"`
	StartTime    float64 // seconds since 1970
	Duration     float64 // seconds, first start to last end
	ResponseTime float64 // seconds, of the root segment
	HasFault     bool    // of the root segment, as the two below
	HasError     bool
	HasThrottle  bool
	IsPartial    bool                         // something is in progress
	HTTP         HTTPSummary                  `json:"Http"`
	Annotations  map[string][]AnnotationValue // of all segments and subsegments
	Users        []TraceUser
	ServiceIDs   []ServiceID   `json:"ServiceIds"`
	ResourceARNs []ResourceARN `json:"ResourceARNs"`
	EntryPoint   *ServiceID    `json:",omitempty"`
}

// HTTPSummary is the http block of the root segment.
type HTTPSummary struct {
	URL       string `json:"HttpURL,omitempty"`
	Status    int    `json:"HttpStatus,omitempty"`
	Method    string `json:"HttpMethod,omitempty"`
	UserAgent string `json:",omitempty"`
	ClientIP  string `json:"ClientIp,omitempty"`
}

// AnnotationValue is one value of an annotation, and the services that set it.
type AnnotationValue struct {
	Value      Value       `json:"AnnotationValue"`
	ServiceIDs []ServiceID `json:"ServiceIds"`
}

// Value holds a string, number or boolean; just one is set.
type Value struct {
	String  *string  `json:"StringValue,omitempty"`
	Number  *float64 `json:"NumberValue,omitempty"`
	Boolean *bool    `json:"BooleanValue,omitempty"`
}

// TraceUser is a user, and the services that served it.
type TraceUser struct {
	UserName   string
	ServiceIDs []ServiceID `json:"ServiceIds"`
}

// ServiceID names a [Service] within a trace.
type ServiceID struct {
	Name      string
	Names     []string
	AccountID string `json:"AccountId,omitempty"`
	Type      string `json:",omitempty"`
}

// ResourceARN is the ARN of an AWS resource that sent a segment.
type ResourceARN struct {
	ARN string
}

// TraceSummaries returns summaries of the traces that overlap the time from start
// to end and match the filter, oldest first. A zero time is no bound, a nil
// filter matches all.
func (s *Store) TraceSummaries(start, end time.Time, filter *Filter) []TraceSummary {
	traces, _ := s.compile(nil)
	var out []TraceSummary
	for _, t := range traces {
		if t.overlaps(start, end) && filter.match(t) {
			out = append(out, t.summary())
		}
	}
	slices.SortStableFunc(out, func(a, b TraceSummary) int { return cmp.Compare(a.StartTime, b.StartTime) })
	return out
}

// root returns the part that stands for the trace: the first segment that nobody
// in the trace called, else whatever is first.
func (t *compiledTrace) root() *part {
	for _, p := range t.tops {
		if _, caller := t.callerOf(p); p.segment && caller == nil {
			return p
		}
	}
	return t.tops[0]
}

func (t *compiledTrace) summary() TraceSummary {
	root := t.root()
	out := TraceSummary{
		ID:           t.id,
		StartTime:    t.start,
		Duration:     between(t.start, t.end),
		ResponseTime: between(root.start, root.end),
		HasFault:     root.doc.Fault,
		HasError:     root.doc.Error,
		HasThrottle:  root.doc.Throttle,
		IsPartial:    t.partial,
		Annotations:  make(map[string][]AnnotationValue),
	}
	if h := root.doc.HTTP; h != nil {
		out.HTTP = HTTPSummary{h.Request.URL, h.Response.Status, h.Request.Method, h.Request.UserAgent, h.Request.ClientIP}
	}
	if root.segment {
		out.EntryPoint = new(root.serviceID())
	}
	for _, top := range t.tops {
		if top.segment {
			out.ServiceIDs = addServiceID(out.ServiceIDs, top)
		}
		if arn := (ResourceARN{top.doc.ResourceARN}); arn.ARN != "" && !slices.Contains(out.ResourceARNs, arn) {
			out.ResourceARNs = append(out.ResourceARNs, arn)
		}
		top.walk(func(p *part) { out.addPart(p) })
	}
	return out
}

// walk calls f with p and all that is nested in it.
func (p *part) walk(f func(*part)) {
	f(p)
	for _, c := range p.children {
		c.walk(f)
	}
}

func (s *TraceSummary) addPart(p *part) {
	if user := p.doc.User; user != "" {
		i := slices.IndexFunc(s.Users, func(u TraceUser) bool { return u.UserName == user })
		if i < 0 {
			i = len(s.Users)
			s.Users = append(s.Users, TraceUser{UserName: user})
		}
		s.Users[i].ServiceIDs = addServiceID(s.Users[i].ServiceIDs, p.top)
	}
	for key, annotation := range p.doc.Annotations {
		value, ok := valueOf(annotation)
		if !ok {
			continue
		}
		values := s.Annotations[key]
		i := slices.IndexFunc(values, func(v AnnotationValue) bool { return v.Value.equal(value) })
		if i < 0 {
			i = len(values)
			values = append(values, AnnotationValue{Value: value})
		}
		values[i].ServiceIDs = addServiceID(values[i].ServiceIDs, p.top)
		s.Annotations[key] = values
	}
}

func valueOf(annotation any) (v Value, ok bool) {
	switch a := annotation.(type) {
	case string:
		v.String = &a
	case float64:
		v.Number = &a
	case bool:
		v.Boolean = &a
	default:
		return v, false
	}
	return v, true
}

func (v Value) equal(w Value) bool {
	return equalPointers(v.String, w.String) && equalPointers(v.Number, w.Number) && equalPointers(v.Boolean, w.Boolean)
}

func equalPointers[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func (p *part) serviceID() ServiceID {
	account, _ := p.doc.AWS["account_id"].(string)
	return ServiceID{Name: p.doc.Name, Names: []string{p.doc.Name}, AccountID: account, Type: p.doc.Origin}
}

// addServiceID adds the service of a segment to ids, once.
func addServiceID(ids []ServiceID, top *part) []ServiceID {
	id := top.serviceID()
	if slices.ContainsFunc(ids, func(i ServiceID) bool { return i.Name == id.Name && i.Type == id.Type }) {
		return ids
	}
	return append(ids, id)
}
