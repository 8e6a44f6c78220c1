package xray

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
)

// describe writes the fields to the span.
func (seg *Segment) describe() {
	w := &writer{attrs: make([]attribute.KeyValue, 0, 16)}
	w.flags(seg)
	w.namespace(seg)
	if seg.HTTP != nil {
		w.http(seg)
	}
	w.aws(seg)
	if seg.SQL != nil {
		w.sql(seg.SQL)
	}
	w.text("user.id", seg.User)
	if seg.Service != nil && seg.Service.Version != current().version() {
		w.text("service.version", seg.Service.Version)
	}
	w.rest(seg)
	w.annotations(seg.Annotations)
	w.metadata(seg.Metadata)
	if seg.Cause != nil {
		for _, x := range seg.Cause.Exceptions {
			addException(seg.span, x)
		}
	}
	if seg.Fault {
		seg.span.SetStatus(codes.Error, "")
	}
	seg.span.SetAttributes(w.attrs...)
}

// writer collects the attributes of a span.
type writer struct {
	attrs []attribute.KeyValue
}

func (w *writer) text(key attribute.Key, v string) {
	if v != "" {
		w.attrs = append(w.attrs, key.String(v))
	}
}

func (w *writer) add(kv attribute.KeyValue) { w.attrs = append(w.attrs, kv) }

// flags writes Error, Fault and Throttle. Those that are not set are written where
// an HTTP status would set them.
func (w *writer) flags(seg *Segment) {
	status := seg.HTTP != nil && seg.HTTP.Response != nil && seg.HTTP.Response.Status >= 400
	for _, f := range [...]struct {
		key attribute.Key
		set bool
	}{
		{"aws.xray.error", seg.Error},
		{"aws.xray.fault", seg.Fault},
		{"aws.xray.throttle", seg.Throttle},
	} {
		if f.set || status {
			w.add(f.key.Bool(f.set))
		}
	}
}

// namespace writes what makes a node of a subsegment, and the node's name.
func (w *writer) namespace(seg *Segment) {
	if seg.parent == nil {
		return
	}
	switch seg.Namespace {
	case "aws":
		w.add(attribute.String("aws.xray.namespace", "aws"))
		w.text("rpc.service", seg.Name)
	case "remote":
		w.add(attribute.String("aws.xray.namespace", "remote"))
		w.text("service.peer.name", seg.Name)
	case "":
	default: // X-Ray knows no other; it stays visible
		w.text("aws.xray.namespace", seg.Namespace)
	}
}

func (w *writer) http(seg *Segment) {
	if r := seg.HTTP.Request; r != nil {
		w.text("http.request.method", r.Method)
		w.text("url.full", r.URL)
		w.text("client.address", r.ClientIP)
		if r.XForwardedFor && r.ClientIP != "" {
			// The mapper tells by another address of the connection that the client's
			// came in a header.
			w.text("network.peer.address", either(seg.peer, "unknown"))
		}
		w.text("user_agent.original", r.UserAgent)
	}
	if r := seg.HTTP.Response; r != nil {
		if r.Status != 0 {
			w.add(attribute.Int("http.response.status_code", r.Status))
		}
		if r.ContentLength > 0 {
			w.add(attribute.Int("http.response.body.size", r.ContentLength))
		}
	}
}

// awsKeys are the attributes of what a Segment's AWS map holds under its own
// keys, those of a segment document.
var awsKeys = map[string]attribute.Key{
	"operation":         "aws.operation",
	"region":            "aws.region",
	"request_id":        "aws.request_id",
	"id_2":              "aws.extended_request_id",
	"account_id":        "cloud.account.id",
	"retries":           "aws.retries",
	"table_name":        "aws.table.name",
	"table_names":       "aws.dynamodb.table_names",
	"bucket_name":       "aws.s3.bucket",
	"key":               "aws.s3.key",
	"queue_url":         "aws.sqs.queue.url",
	"topic_arn":         "aws.sns.topic.arn",
	"function_name":     "faas.invoked_name",
	"secret_id":         "aws.secretsmanager.secret.arn",
	"stream_name":       "aws.kinesis.stream_name",
	"state_machine_arn": "aws.step_functions.state_machine.arn",
	"message_count":     "messaging.batch.message_count",
}

// aws writes the AWS map. A member that no attribute stands for goes to metadata
// namespace aws.
func (w *writer) aws(seg *Segment) {
	var rest map[string]json.RawMessage
	for _, key := range slices.Sorted(maps.Keys(seg.AWS)) {
		v := seg.AWS[key]
		if sdk, ok := v.(SDK); ok {
			w.text("aws.xray.sampling_rule_name", sdk.RuleName)
			continue
		}
		if kv, ok := valueOf(awsKeys[key], v); ok {
			w.add(kv)
			continue
		}
		if rest == nil {
			rest = map[string]json.RawMessage{}
		}
		rest[key] = encode(v)
	}
	w.object("aws", rest)
}

// valueOf returns v as an attribute, if key and v can be one.
func valueOf(key attribute.Key, v any) (attribute.KeyValue, bool) {
	if key == "" {
		return attribute.KeyValue{}, false
	}
	switch v := v.(type) {
	case string:
		return key.String(v), true
	case *string:
		if v != nil {
			return key.String(*v), true
		}
	case int:
		return key.Int(v), true
	case int64:
		return key.Int64(v), true
	case []string:
		return key.StringSlice(v), true
	}
	return attribute.KeyValue{}, false
}

// systems are the names of databases that SQLContext finds, as the conventions
// spell them.
var systems = map[string]string{
	"Postgres": "postgresql",
	"MySQL":    "mysql",
	"MS SQL":   "microsoft.sql_server",
	"Oracle":   "oracle.db",
}

func (w *writer) sql(d *SQLData) {
	system := systems[d.DatabaseType]
	if system == "" {
		system = "other_sql"
		if d.DatabaseType != "" && d.DatabaseType != "Unknown" {
			w.text("db.type", d.DatabaseType)
		}
	}
	w.text("db.system.name", system)
	w.text("db.connection_string", either(d.URL, d.ConnectionString))
	w.text("db.user", known(d.User))
	w.text("db.query.text", d.SanitizedQuery)
	w.text("db.version", known(d.DatabaseVersion))
	w.text("db.driver", d.DriverVersion)
	w.text("db.preparation", d.Preparation)
}

func known(s string) string {
	if s == "Unknown" {
		return ""
	}
	return s
}

// rest writes the fields that no conventions have; they become metadata.
func (w *writer) rest(seg *Segment) {
	w.text("origin", seg.Origin)
	w.text("resource_arn", seg.ResourceARN)
	if len(seg.PrecursorIDs) > 0 {
		w.add(attribute.StringSlice("precursor_ids", seg.PrecursorIDs))
	}
}

func (w *writer) annotations(annotations map[string]any) {
	if len(annotations) == 0 {
		return
	}
	keys := slices.Sorted(maps.Keys(annotations))
	for _, key := range keys {
		w.add(attribute.KeyValue{Key: attribute.Key(key), Value: annotation(annotations[key])})
	}
	w.add(attribute.StringSlice("aws.xray.annotations", keys))
}

func (w *writer) metadata(metadata map[string]map[string]any) {
	for _, ns := range slices.Sorted(maps.Keys(metadata)) {
		members := make(map[string]json.RawMessage, len(metadata[ns]))
		for key, v := range metadata[ns] {
			members[key] = encode(v)
		}
		w.object(ns, members)
	}
}

// object writes a metadata namespace.
func (w *writer) object(ns string, members map[string]json.RawMessage) {
	if len(members) == 0 {
		return
	}
	key := attribute.Key("aws.xray.metadata." + ns)
	b, err := json.Marshal(members)
	if err != nil { // each member is valid JSON
		return
	}
	for i := range w.attrs {
		if w.attrs[i].Key == key { // AWS and Metadata both have an aws
			var merged map[string]json.RawMessage
			if json.Unmarshal([]byte(w.attrs[i].Value.AsString()), &merged) == nil {
				maps.Copy(merged, members)
				b, _ = json.Marshal(merged)
			}
			w.attrs[i].Value = attribute.StringValue(string(b))
			return
		}
	}
	w.add(key.String(string(b)))
}

// legalText keeps a line of a stack on its line.
func legalText(s string) string {
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(s)
}

// annotation returns the attribute of an annotation's value, with its type.
func annotation(v any) attribute.Value {
	switch v := v.(type) {
	case string:
		return attribute.StringValue(v)
	case bool:
		return attribute.BoolValue(v)
	case float64:
		return attribute.Float64Value(v)
	case float32:
		return attribute.Float64Value(float64(v))
	}
	n := reflect.ValueOf(v)
	switch {
	case n.CanInt():
		return attribute.Int64Value(n.Int())
	case n.CanUint() && n.Uint() <= math.MaxInt64:
		return attribute.Int64Value(int64(n.Uint()))
	case n.CanUint():
		return attribute.Float64Value(float64(n.Uint()))
	}
	return attribute.StringValue(fmt.Sprint(v)) // written into Annotations by hand
}
