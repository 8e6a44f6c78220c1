package xray

import (
	"slices"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/xray/filter"
)

// TraceSummary is what GetTraceSummaries returns of one trace.
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
	ServiceIDs   []ServiceID `json:"ServiceIds"`
	EntryPoint   *ServiceID  `json:",omitempty"`

	ResourceARNs      []ResourceARN      `json:"ResourceARNs"`
	InstanceIDs       []InstanceID       `json:"InstanceIds"`
	AvailabilityZones []AvailabilityZone `json:"AvailabilityZones"`
	MatchedEventTime  float64            // seconds since 1970: the start
	Revision          int                // the number of documents that arrived and count

	FaultRootCauses        []RootCause
	ErrorRootCauses        []RootCause
	ResponseTimeRootCauses []RootCause
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
type ResourceARN struct{ ARN string }

// InstanceID is an EC2 instance that sent a segment.
type InstanceID struct {
	ID string `json:"Id"`
}

// AvailabilityZone is where a segment came from.
type AvailabilityZone struct{ Name string }

// RootCause is why a trace is a fault, an error, or slow.
//
// Source: https://docs.aws.amazon.com/xray/latest/api/API_FaultRootCause.html
type RootCause struct {
	Services        []RootCauseService
	ClientImpacting bool
}

// RootCauseService is a service on the way to the cause.
type RootCauseService struct {
	Name       string
	Names      []string
	Type       string `json:",omitempty"`
	AccountID  string `json:"AccountId,omitempty"`
	EntityPath []RootCauseEntity
	Inferred   bool
}

// RootCauseEntity is a segment or subsegment on the way to the cause.
type RootCauseEntity struct {
	Name       string
	Exceptions []RootCauseException `json:",omitempty"`
	Coverage   float64              `json:",omitempty"` // of the root's response time
	Remote     bool
}

// RootCauseException is an exception of an entity.
type RootCauseException struct{ Name, Message string }

// TraceSummaries returns summaries of the traces that overlap the time from start
// to end and match the filter, oldest first. A zero time is no bound, a nil
// filter matches all.
func (s *Store) TraceSummaries(start, end time.Time, by *filter.Filter) []TraceSummary {
	list := s.match(s.snapshot(fromTime(start), fromTime(end), true), by)
	slices.SortFunc(list, compareStart)
	return s.summaries(list)
}

func (s *Store) summaries(list []*flat) []TraceSummary {
	out := make([]TraceSummary, len(list))
	for i, f := range list {
		out[i] = f.summary()
		traces, _ := s.compiledOf([]string{f.id})
		if len(traces) == 0 { // evicted meanwhile
			continue
		}
		impact := f.rootSegment().outcome == fault
		out[i].FaultRootCauses = rootCauses(traces[0].causes(filter.FaultCause), impact)
		out[i].ErrorRootCauses = rootCauses(traces[0].causes(filter.ErrorCause), impact)
		out[i].ResponseTimeRootCauses = rootCauses(traces[0].causes(filter.ResponseTimeCause), true)
	}
	return out
}

func (f *flat) summary() TraceSummary {
	root := f.rootSegment()
	known := root.known()
	out := TraceSummary{
		ID: f.id, StartTime: f.start, Duration: between(f.start, f.end), ResponseTime: float64(root.response) / 1e6,
		HasFault: root.outcome == fault, HasError: root.outcome == clientError || root.outcome == throttled, HasThrottle: root.outcome == throttled,
		IsPartial:   f.partial,
		HTTP:        HTTPSummary{known.url, known.status, known.method, known.agent, known.ip},
		Annotations: map[string][]AnnotationValue{}, Users: []TraceUser{}, ServiceIDs: []ServiceID{}, ResourceARNs: []ResourceARN{},
		InstanceIDs: []InstanceID{}, AvailabilityZones: []AvailabilityZone{},
		MatchedEventTime: f.start, Revision: f.documents,
		FaultRootCauses: []RootCause{}, ErrorRootCauses: []RootCause{}, ResponseTimeRootCauses: []RootCause{},
	}
	if root.node != (node{}) {
		out.EntryPoint = new(root.serviceID())
	}
	for i := range f.segments {
		s := &f.segments[i]
		if s.node != (node{}) {
			out.ServiceIDs = addServiceID(out.ServiceIDs, s)
		}
		known := s.known()
		out.ResourceARNs = addOnce(out.ResourceARNs, ResourceARN{known.arn})
		out.InstanceIDs = addOnce(out.InstanceIDs, InstanceID{known.instance})
		out.AvailabilityZones = addOnce(out.AvailabilityZones, AvailabilityZone{known.zone})
	}
	for _, n := range f.notes {
		out.addNote(n, &f.segments[n.segment])
	}
	return out
}

// addOnce adds what is neither empty nor there.
func addOnce[E comparable](list []E, e E) []E {
	var zero E
	if e == zero || slices.Contains(list, e) {
		return list
	}
	return append(list, e)
}

func (s *TraceSummary) addNote(n note, in *flatSegment) {
	if n.key == userNote {
		name := n.value.(string)
		i := slices.IndexFunc(s.Users, func(u TraceUser) bool { return u.UserName == name })
		if i < 0 {
			i = len(s.Users)
			s.Users = append(s.Users, TraceUser{UserName: name})
		}
		s.Users[i].ServiceIDs = addServiceID(s.Users[i].ServiceIDs, in)
		return
	}
	value := valueOf(n.value)
	values := s.Annotations[n.key]
	i := slices.IndexFunc(values, func(v AnnotationValue) bool { return v.Value.equal(value) })
	if i < 0 {
		i = len(values)
		values = append(values, AnnotationValue{Value: value})
	}
	values[i].ServiceIDs = addServiceID(values[i].ServiceIDs, in)
	s.Annotations[n.key] = values
}

func valueOf(annotation any) (v Value) {
	switch a := annotation.(type) {
	case string:
		v.String = &a
	case float64:
		v.Number = &a
	case bool:
		v.Boolean = &a
	}
	return v
}

func (v Value) equal(w Value) bool {
	return equalPointers(v.String, w.String) && equalPointers(v.Number, w.Number) && equalPointers(v.Boolean, w.Boolean)
}

func equalPointers[T comparable](a, b *T) bool {
	return a == b || a != nil && b != nil && *a == *b
}

func (s *flatSegment) serviceID() ServiceID {
	name := s.name()
	return ServiceID{Name: name.name, Names: []string{name.name}, AccountID: s.known().account, Type: name.typ}
}

// addServiceID adds the service of a segment to ids, once.
func addServiceID(ids []ServiceID, s *flatSegment) []ServiceID {
	id := s.serviceID()
	if slices.ContainsFunc(ids, func(i ServiceID) bool { return i.Name == id.Name && i.Type == id.Type }) {
		return ids
	}
	return append(ids, id)
}

func rootCauses(list []filter.Cause, impact bool) []RootCause {
	out := make([]RootCause, len(list))
	for i, c := range list {
		out[i] = RootCause{Services: make([]RootCauseService, len(c.Services)), ClientImpacting: impact}
		for j, s := range c.Services {
			service := RootCauseService{Name: s.Name, Names: []string{s.Name}, Type: s.Type, AccountID: s.AccountID, Inferred: s.Inferred}
			for _, e := range s.Entities {
				entity := RootCauseEntity{Name: e.Name, Coverage: e.Coverage, Remote: e.Remote}
				for _, x := range e.Exceptions {
					entity.Exceptions = append(entity.Exceptions, RootCauseException(x))
				}
				service.EntityPath = append(service.EntityPath, entity)
			}
			out[i].Services[j] = service
		}
	}
	return out
}
