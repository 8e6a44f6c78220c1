package mapping

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// callClass says what is known of a call's target, the more the higher.
type callClass uint8

const (
	callOther callClass = iota // nothing, as of a phase of a request
	callHost                   // a host or a peer
	callHTTP
	callRPC
	callMessaging
	callDatabase
	callAWS
)

// call is what is compared of a call.
type call struct {
	class  callClass
	name   string // of an AWS service
	system string // of a database
	host   string // "" if nobody says
	port   int64  // 0 if nobody says, or the scheme's own
	knows  int    // how much else is known
	peer   bool   // somebody has named the peer
}

// mergeCalls sees to it that one request makes one node. Instrumentations nest calls in
// each other: an AWS SDK's call has the HTTP client's in it, a request its phases, an
// ORM's query the driver's. Of calls that are nested within one process only one makes
// a node, the one that knows most of the target; the others are custom subsegments
// beneath or above it. Calls with different targets stay different nodes.
func (b *batch) mergeCalls() {
	for _, i := range b.preorder {
		nd := &b.nodes[i]
		nd.caller = -1
		p := nd.parent
		if nd.top || p < 0 || !sameResource(&b.spans[i], &b.spans[p]) {
			continue
		}
		if b.isCall(p) {
			nd.caller = p
		} else if b.spans[p].Kind == trace.SpanKindInternal {
			nd.caller = b.nodes[p].caller
		}
		above := nd.caller
		for above >= 0 && b.nodes[above].merged {
			above = b.nodes[above].caller
		}
		if above >= 0 && b.isCall(i) {
			b.merge(above, i)
		}
	}
}

// isCall reports whether a span is a call: by its kind, or because an AWS SDK made it.
func (b *batch) isCall(i int32) bool {
	s := &b.spans[i]
	switch s.Kind {
	case trace.SpanKindClient, trace.SpanKindProducer:
		return true
	case trace.SpanKindConsumer:
		return b.nodes[i].role != roleFunction && isSDKCall(s)
	}
	return b.nodes[i].role == roleSubsegment && isThroughSDK(s)
}

// merge decides between a call and one within it.
func (b *batch) merge(outer, inner int32) {
	o, said := b.callOf(outer)
	i, alsoSaid := b.callOf(inner)
	if said || alsoSaid { // who names the namespace means it
		return
	}
	switch winner(o, i) {
	case outerWins:
		b.nodes[inner].merged = true
	case innerWins:
		b.nodes[outer].merged = true
	}
}

// callOf reads what is known of a call. It also reports whether the span says its
// namespace itself.
func (b *batch) callOf(i int32) (c call, said bool) {
	e := &b.encoder
	e.begin(&b.spans[i], nil, b.nodes[i].id, b.nodes[i].role)
	e.read()
	f := &e.fields
	c.system = systemOf(f.text(slotDBSystem))
	c.host, c.port = e.target()
	switch {
	case e.namespace == namespaceAWS:
		c.class, c.name = callAWS, e.awsService()
	case c.system != "", f.text(slotDBQuery) != "", f.text(slotDBName) != "":
		c.class = callDatabase
	case f.text(slotMessagingSystem) != "":
		c.class = callMessaging
	case f.text(slotRPCSystem) != "":
		c.class = callRPC
	case f.text(slotHTTPMethod) != "", e.url.scheme != "":
		c.class = callHTTP
	case c.host != "", f.text(slotPeerService) != "":
		c.class = callHost
	}
	for _, s := range [...]slot{slotPeerService, slotDBQuery, slotDBName, slotDBOperation, slotAWSOperation, slotRPCMethod, slotMessagingDestination} {
		if f.text(s) != "" {
			c.knows++
		}
	}
	if c.host != "" {
		c.knows++
	}
	if f.text(slotRPCSystem) == awsAPI { // the SDK itself
		c.knows += 2
	}
	c.peer = f.text(slotPeerService) != ""
	_, said = saidNamespace(f.text(slotXRayNamespace))
	return c, said
}

// systemOf returns a database system in the spelling of the older conventions: an ORM
// and a driver may know different ones.
func systemOf(system string) string {
	switch system {
	case "mongoose":
		return "mongodb"
	case "mariadb":
		return "mysql"
	case "microsoft.sql_server":
		return "mssql"
	case "oracle.db":
		return "oracle"
	case "postgres":
		return "postgresql"
	case "other_sql":
		return ""
	}
	return system
}

// target returns the host and port of a call, the scheme's own port as 0.
func (e *encoder) target() (host string, port int64) {
	f := &e.fields
	scheme := cmp.Or(e.url.scheme, f.text(slotURLScheme))
	authority := cmp.Or(f.host(slotHTTPHost), e.url.authority)
	if host = f.host(e.serverSlot()); host != "" {
		port, _ = e.port()
	} else if authority != "" {
		var digits string
		host, digits = hostPort(authority)
		port, _ = strconv.ParseInt(digits, 10, 64)
	}
	if defaultPort(scheme, port) {
		port = 0
	}
	return host, port
}

// verdict says which of two nested calls makes a node.
type verdict uint8

const (
	bothStay verdict = iota
	outerWins
	innerWins
)

func winner(outer, inner call) verdict {
	switch {
	case inner.class == callOther:
		return outerWins
	case outer.class == callOther:
		return innerWins
	case outer.class == callAWS && inner.class == callAWS && outer.name != inner.name:
		return bothStay
	case outer.class == callAWS && inner.class < callAWS:
		// An endpoint is not the service's name, so hosts say nothing here, but for the
		// addresses at which credentials are asked for.
		if inner.class > callHTTP || strings.HasPrefix(inner.host, "169.254.") {
			return bothStay
		}
		return outerWins
	case outer.class < callAWS && inner.class == callAWS, elsewhere(outer, inner):
		return bothStay
	case inner.class >= callMessaging && outer.class > callHost && outer.class != inner.class: // neither carries the other
		return bothStay
	case outer.class > inner.class, outer.peer && inner.class < callMessaging: // the inner one carries it
		return outerWins
	case outer.class < inner.class || outer.knows < inner.knows:
		return innerWins
	}
	return outerWins
}

// elsewhere reports whether two calls have different targets.
func elsewhere(x, y call) bool {
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	return differ(x.host, y.host) || differ(x.system, y.system) || x.port != 0 && y.port != 0 && x.port != y.port
}

// isPhase reports whether a span is a step of using a database and no call of its own:
// taking a connection, beginning and ending a transaction, reading rows. XSAM/otelsql
// makes CLIENT spans of them, as do drivers of Node.js and pgx.
func (e *encoder) isPhase() bool {
	f := &e.fields
	if step, ok := strings.CutPrefix(e.span.Name, "sql."); ok && strings.IndexByte(step, '.') > 0 {
		return !strings.HasSuffix(step, ".query") && !strings.HasSuffix(step, ".exec")
	}
	if e.span.Name == "sql.rows" {
		return true
	}
	if f.text(slotDBSystem) == "" {
		return false
	}
	query := f.text(slotDBQuery)
	if query == "" && f.text(slotDBOperation) == "" {
		last := e.span.Name[strings.LastIndexAny(e.span.Name, ".-_: ")+1:]
		return slices.ContainsFunc(databasePhases[:], func(p string) bool { return strings.EqualFold(p, last) })
	}
	return slices.ContainsFunc(transactionControl[:], func(p string) bool {
		return strings.EqualFold(p, strings.TrimRight(cmp.Or(query, f.text(slotDBOperation)), "; "))
	})
}

var (
	databasePhases = [...]string{
		"connect", "acquire", "begin", "commit", "rollback", "rows", "ping", "close", "release",
		"construct", "beginTransaction", "rollBack", "fetch", "fetchAll", // of PDO
	}
	transactionControl = [...]string{"begin", "commit", "rollback", "start transaction", "begin transaction"}
)
