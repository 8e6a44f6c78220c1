// Package sampling decides which requests become traces.
package sampling

// Strategy decides. It is called from many goroutines.
type Strategy interface {
	ShouldTrace(request *Request) *Decision
}

// Request is what a decision is made about. An empty field is one that is not
// known, and every rule applies to it.
type Request struct {
	Host        string
	Method      string
	URL         string // the path
	ServiceName string
	ServiceType string // the segment's origin: AWS::ECS::Container
}

// Decision is what was decided, and by which rule.
type Decision struct {
	Sample bool
	Rule   *string // nil: by none that has a name
}
