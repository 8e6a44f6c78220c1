package filter

// View is what an expression is asked of: a whole trace, or within service(…){…}
// and edge(…, …){…} one segment or one call. Methods that take a function call it
// with each value until it returns true, and return whether it did.
type View interface {
	// Flag returns a boolean keyword.
	Flag(Keyword) bool
	// Number returns a number keyword; ok is false where there is none.
	Number(Keyword) (value float64, ok bool)
	// Text goes through the values of a string keyword.
	Text(k Keyword, f func(string) bool) bool
	// Annotation goes through the values of an annotation: string, float64, bool.
	Annotation(key string, f func(any) bool) bool
	// Services goes through the segments, inferred ones too; of a single segment
	// itself.
	Services(f func(View) bool) bool
	// Edges goes through the calls.
	Edges(f func(from, to, call View) bool) bool
	// Group goes through the groups that the trace is in, by GroupName or GroupARN.
	Group(k Keyword, f func(string) bool) bool
	// Causes returns why the trace is a fault, an error, or slow.
	Causes(CauseKind) []Cause
}

// CauseKind is one of the three kinds of root cause.
type CauseKind uint8

// The kinds of root cause.
const (
	FaultCause CauseKind = iota
	ErrorCause
	ResponseTimeCause
)

var causeKinds = map[string]CauseKind{"fault": FaultCause, "error": ErrorCause, "responsetime": ResponseTimeCause}

// Cause is a path from the root of the trace to what is to blame.
type Cause struct {
	Services []CauseService
}

// CauseService is a service on the path.
type CauseService struct {
	Name, Type, AccountID string
	Inferred              bool
	Entities              []CauseEntity
}

// CauseEntity is a segment or subsegment on the path.
type CauseEntity struct {
	Name       string
	Remote     bool
	Coverage   float64 // its part of the root's response time; ResponseTimeCause only
	Exceptions []CauseException
}

// CauseException is an exception of an entity.
type CauseException struct {
	Name, Message string
}

// Keyword is what a simple comparison looks at.
type Keyword uint8

// The keywords of the developer guide.
const (
	OK Keyword = iota
	Error
	Throttle
	Fault
	Partial
	Inferred
	First // of the elements of a root cause, as Last, Remote, Index, Coverage and Message
	Last
	Remote
	Root

	ResponseTime
	Duration
	HTTPStatus
	Index
	Coverage

	HTTPURL
	HTTPMethod
	HTTPUserAgent
	HTTPClientIP
	User
	Name
	Type
	Message
	AvailabilityZone
	InstanceID
	ResourceARN
	AccountID

	GroupName
	GroupARN
)

// valueType is what a keyword is compared with.
type valueType uint8

const (
	boolType valueType = iota
	numberType
	textType
	groupType
)

var keywords = map[string]struct {
	keyword Keyword
	value   valueType
}{
	"ok":               {OK, boolType},
	"error":            {Error, boolType},
	"throttle":         {Throttle, boolType},
	"fault":            {Fault, boolType},
	"partial":          {Partial, boolType},
	"inferred":         {Inferred, boolType},
	"first":            {First, boolType},
	"last":             {Last, boolType},
	"remote":           {Remote, boolType},
	"root":             {Root, boolType},
	"responsetime":     {ResponseTime, numberType},
	"duration":         {Duration, numberType},
	"http.status":      {HTTPStatus, numberType},
	"index":            {Index, numberType},
	"coverage":         {Coverage, numberType},
	"http.url":         {HTTPURL, textType},
	"http.method":      {HTTPMethod, textType},
	"http.useragent":   {HTTPUserAgent, textType},
	"http.clientip":    {HTTPClientIP, textType},
	"user":             {User, textType},
	"name":             {Name, textType},
	"type":             {Type, textType},
	"message":          {Message, textType},
	"availabilityzone": {AvailabilityZone, textType},
	"instance.id":      {InstanceID, textType},
	"resource.arn":     {ResourceARN, textType},
	"account.id":       {AccountID, textType},
	"group.name":       {GroupName, groupType},
	"group.arn":        {GroupARN, groupType},
}
