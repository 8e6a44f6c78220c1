package xray

import "github.com/lambdaxray/lambdaxray/mapping/segment"

// The types below are the JSON API of the page, served under /api/ of the address
// that the page is on. Times are seconds since 1970 and durations are seconds,
// both as numbers; no list is ever null. Parameters from and to are seconds since
// 1970 and may be left out: then there is no bound on that side. run is a run of the
// function, from 1: what began between two changes of its program. filter is a filter
// expression of X-Ray, cut into traces as GetTraceSummaries does; empty matches
// all.
//
//	GET  /api/graph?from&to&run&filter                  PageGraph
//	GET  /api/series?node&from&to&run&filter            PageSeries
//	GET  /api/traces?from&to&run&filter&sort&cursor&limit   PageTraces
//	GET  /api/trace/{id}                                PageTrace, 404 if it is not kept
//	GET  /api/trace/{id}/spans                          PageSpans
//	GET  /api/trace/{id}/mapped?settings                PageTrace, by a mapper with other settings, 404 without spans
//	GET  /api/complete?filter&column                    PageCompletion
//	GET  /api/health                                    PageHealth
//	GET  /api/events                                    server-sent events, PageEvent
//	POST /api/invoke                                    PageInvocation in, PageOutcome out
//
// Anything but 200 comes with a [PageError].

// PageError says what is wrong with a request.
type PageError struct {
	Error struct {
		Message   string `json:"message"`
		Parameter string `json:"parameter"` // which one: filter, sort, cursor …, or empty
		Column    int    `json:"column"`    // of a filter: the character from 1; else 0
	} `json:"error"`
}

// PageStats counts completed requests; each is in just one of the four.
type PageStats struct {
	OK       int     `json:"ok"`
	Error    int     `json:"error"` // 4xx but for 429
	Throttle int     `json:"throttle"`
	Fault    int     `json:"fault"`
	Total    int     `json:"total"`
	Seconds  float64 `json:"seconds"` // all of them together; divided by total: the average
	P50      float64 `json:"p50"`     // 0 if total is
	P95      float64 `json:"p95"`
}

// PageBucket is a bar of a histogram: count requests took about value seconds.
// Histograms have at most 64, in ascending order.
type PageBucket struct {
	Value float64 `json:"value"`
	Count int     `json:"count"`
}

// PageGraph is the service map.
type PageGraph struct {
	Seq    int        `json:"seq"`  // of the state, as in PageEvent
	From   float64    `json:"from"` // as asked for, widened to whole minutes unless there is a run; 0: no bound
	To     float64    `json:"to"`
	Traces int        `json:"traces"` // that began in that time and match
	Nodes  []PageNode `json:"nodes"`  // by type and name
	Edges  []PageEdge `json:"edges"`  // by from and to
}

// PageNode is a node of the map.
type PageNode struct {
	ID        string       `json:"id"`   // type and name with a space between; the same as long as both are
	Name      string       `json:"name"` // of a client: its service's
	Type      string       `json:"type"` // AWS::Lambda::Function …, remote, client; empty: a segment without origin
	State     string       `json:"state"`
	Root      bool         `json:"root"`
	Account   string       `json:"account"`
	Start     float64      `json:"start"` // first and last sign of it within the time
	End       float64      `json:"end"`
	Pending   int          `json:"pending"` // requests in progress; not in stats
	Stats     PageStats    `json:"stats"`
	Histogram []PageBucket `json:"histogram"` // of the response time
	Cold      *PageCold    `json:"cold"`      // null but on AWS::Lambda::Function
}

// PageCold is about the cold starts of a function.
type PageCold struct {
	Count     int          `json:"count"`   // invocations with an Initialization
	Seconds   float64      `json:"seconds"` // all initializations together
	P50       float64      `json:"p50"`
	P95       float64      `json:"p95"`
	Histogram []PageBucket `json:"histogram"`
}

// PageEdge is the calls from one node to another as the caller sees them, or the
// links from the traces of one to those of the other.
type PageEdge struct {
	From      string       `json:"from"` // id of a node
	To        string       `json:"to"`
	Link      bool         `json:"link"` // dashed: the messages of one trace are received by another
	Stats     PageStats    `json:"stats"`
	Histogram []PageBucket `json:"histogram"` // of the response time
	Ages      []PageBucket `json:"ages"`      // of a link: the age of the message when it was received
}

// PageSeries is what a node did, a point for each minute in which it did anything.
type PageSeries struct {
	Node   string      `json:"node"` // id of the node
	Step   float64     `json:"step"` // 60
	Points []PagePoint `json:"points"`
}

// PagePoint is one minute.
type PagePoint struct {
	Time  float64   `json:"time"` // begin of the minute
	Stats PageStats `json:"stats"`
	Cold  int       `json:"cold"` // invocations with an Initialization
}

// PageTraces is a page of the trace list. sort is start, response, duration,
// status, outcome, method, url, name or cold; with a - before it the other way
// round. The default is -start: the newest first. cursor is next of the page
// before. limit is at most 500, the default 100.
type PageTraces struct {
	Seq       int          `json:"seq"`
	Total     int          `json:"total"`     // that match
	Scanned   int          `json:"scanned"`   // of that time
	Stats     PageStats    `json:"stats"`     // of all that match, by response time
	Histogram []PageBucket `json:"histogram"` // of their response time
	Traces    []PageRow    `json:"traces"`
	Next      string       `json:"next"` // empty on the last page
}

// PageRow is a trace in the list.
type PageRow struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"` // of the root
	Type        string           `json:"type"`
	Start       float64          `json:"start"`
	Response    float64          `json:"response"` // of the root
	Duration    float64          `json:"duration"` // first start to last end
	Outcome     string           `json:"outcome"`  // ok, error, throttle, fault, pending: of the root
	Partial     bool             `json:"partial"`  // something in it is in progress
	Status      int              `json:"status"`   // of HTTP; 0: none
	Method      string           `json:"method"`
	URL         string           `json:"url"`
	Cold        bool             `json:"cold"` // there is an Initialization in it
	Init        float64          `json:"init"` // how long all of them took
	Users       []string         `json:"users"`
	Annotations map[string][]any `json:"annotations"`
	Nodes       []string         `json:"nodes"`      // ids of the nodes it touches
	Documents   int              `json:"documents"`  // that arrived
	Bytes       int              `json:"bytes"`      // of them
	Violations  int              `json:"violations"` // rules that they break
	Run         int              `json:"run"`        // of the function, from 1; 0 while its program has not changed
}

// PageTrace is one trace.
type PageTrace struct {
	PageRow
	Seq      int     `json:"seq"`
	Exceeded bool    `json:"exceeded"` // it has more documents than are kept of one trace
	End      float64 `json:"end"`      // the last end

	// Segments are what BatchGetTraces returns: segments with all subsegments
	// nested in them, inferred segments ("inferred":true), and subsegments whose
	// parent has not arrived ("type":"subsegment"), by start time.
	Segments []*segment.Document `json:"segments"`

	// Parts say where the time went; their seconds add up to Response. In order
	// of time.
	Parts []PagePart `json:"parts"`

	Upstream   []PageLink        `json:"upstream"`   // traces that this one's segments link to
	Downstream []PageLink        `json:"downstream"` // traces whose segments link to this one
	Raw        []PageRawDocument `json:"raw"`        // in order of arrival
}

// PagePart is a stretch of the response time that one segment or subsegment is
// responsible for.
type PagePart struct {
	Segment string   `json:"segment"` // its id
	Name    string   `json:"name"`    // own: the name of the segment that worked itself
	Kind    string   `json:"kind"`    // init, own, call, overhead (of Lambda's service), dwell
	Start   float64  `json:"start"`
	Seconds float64  `json:"seconds"`
	Beside  []string `json:"beside"` // names of what ran at the same time and ended earlier
}

// PageLink is a link between two traces.
type PageLink struct {
	Trace   string `json:"trace"`   // the other one
	Segment string `json:"segment"` // there
	Own     string `json:"own"`     // segment of this trace
	Node    string `json:"node"`    // id of the node on the other side; empty: that trace is not kept
}

// PageRawDocument is a document as it was sent.
type PageRawDocument struct {
	Time       float64         `json:"time"`   // of its arrival
	Source     string          `json:"source"` // udp, api, otlp, platform or file
	Text       string          `json:"text"`
	Violations []PageViolation `json:"violations"`
}

// PageViolation is a rule of X-Ray that a document breaks. X-Ray drops the part.
type PageViolation struct {
	Path string `json:"path"` // of the JSON value; empty: the whole document
	Rule string `json:"rule"`
	Code string `json:"code"` // with which PutTraceSegments refuses the document, if it does
}

// PageCompletion is what may stand at the column of an unfinished filter
// expression. The characters from From up to To are replaced by an item's text.
type PageCompletion struct {
	From  int        `json:"from"` // from 1
	To    int        `json:"to"`
	Items []PageItem `json:"items"`
}

// PageItem is one proposal.
type PageItem struct {
	Text  string `json:"text"`
	Kind  string `json:"kind"`  // keyword, operator, service, annotation, value
	Count int    `json:"count"` // of the traces with it; 0: not counted
}

// PageHealth is what came in, what X-Ray would object to, and what was lost.
type PageHealth struct {
	Seq       int          `json:"seq"`
	Started   float64      `json:"started"`
	Function  string       `json:"function"`  // its name; empty: no function runs here
	Addresses PageAddress  `json:"addresses"` // what to set in a program
	Documents int          `json:"documents"` // that arrived and were kept at first
	Traces    int          `json:"traces"`    // kept
	Bytes     int          `json:"bytes"`     // kept
	MaxBytes  int          `json:"maxBytes"`  // that are kept
	Evicted   int          `json:"evicted"`   // traces that had to go
	Late      int          `json:"late"`      // documents of traces that had gone
	Datagrams PageDatagram `json:"datagrams"`
	Rules     []PageRule   `json:"rules"`  // by count
	Broken    []PageBroken `json:"broken"` // the last 100 that nothing could be made of, newest first
}

// PageAddress says where to send to; empty: not served.
type PageAddress struct {
	Daemon string `json:"daemon"` // host:port, for AWS_XRAY_DAEMON_ADDRESS
	HTTP   string `json:"http"`   // URL of the page, of X-Ray's API, Invoke and OTLP (OTEL_EXPORTER_OTLP_ENDPOINT)
	Data   string `json:"data"`   // the file of -data
}

// PageDatagram counts datagrams.
type PageDatagram struct {
	Received int `json:"received"`
	Bad      int `json:"bad"`     // no document in them
	Dropped  int `json:"dropped"` // because the queue was full
}

// PageRule is a rule of X-Ray and the documents that break it.
type PageRule struct {
	Rule     string        `json:"rule"`
	Code     string        `json:"code"` // as in PageViolation
	Count    int           `json:"count"`
	Examples []PageExample `json:"examples"` // at most 5, the newest first
}

// PageExample is a document that breaks a rule.
type PageExample struct {
	Trace   string `json:"trace"`
	Segment string `json:"segment"`
	Name    string `json:"name"`
	Path    string `json:"path"`
	Rule    string `json:"rule"` // in the words for this document
}

// PageBroken is what came in and could not be kept as a document.
type PageBroken struct {
	Time   float64 `json:"time"`
	Source string  `json:"source"`
	Reason string  `json:"reason"`
	Text   string  `json:"text"` // at most its first 2,000 bytes; what is no UTF-8 is replaced
	Bytes  int     `json:"bytes"`
}

// PageEvent is sent when the state has changed, at most four times a second, and
// once at the begin. The event is called change and its id is seq.
type PageEvent struct {
	Seq       int `json:"seq"`
	Traces    int `json:"traces"`    // kept
	Documents int `json:"documents"` // arrived
	Bad       int `json:"bad"`       // documents that break a rule or could not be kept

	Reloads []float64 `json:"reloads"` // when the function's program changed, ascending
}

// PageInvocation asks for an invocation of the function.
type PageInvocation struct {
	Payload any    `json:"payload"` // any JSON; missing: {}
	Type    string `json:"type"`    // RequestResponse (the default) or Event
}

// PageOutcome is what came of an invocation; of an Event only what is known when it
// has been accepted.
type PageOutcome struct {
	RequestID     string  `json:"requestId"`
	Trace         string  `json:"trace"` // its id; empty: not sampled
	Status        int     `json:"status"`
	FunctionError string  `json:"functionError"`
	Payload       string  `json:"payload"` // text as the function answered it
	Log           string  `json:"log"`     // the end of what it printed
	Seconds       float64 `json:"seconds"`
}
