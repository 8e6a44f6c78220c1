package lambdaevent_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/lambdaxray/lambdaxray/propagator"
	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

// reference reads an event with encoding/json, in full and without regard to speed.
// It reports false for what is no JSON object, and for repeated keys, of which
// either reading may take another.
func reference(event []byte) (seen, bool) {
	if !json.Valid(event) {
		return seen{}, false
	}
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	v, ok := decode(d)
	e, isObject := v.(members)
	if !ok || !isObject {
		return seen{}, false
	}
	s := seen{Source: "unknown", Trigger: "other"}
	for i, m := range e {
		if m.key == "body" && complete(e[:i]) {
			s.fromObject(e[:i])
			return s, true
		}
	}
	records, _ := e.get("Records").([]any)
	switch source := recordSource(records); {
	case source != "":
		s.fromRecords(source, records)
	default:
		s.fromObject(e)
	}
	return s, true
}

// complete: an API Gateway event of which the body is next and all else is there.
func complete(e members) bool {
	var s seen
	s.fromObject(e)
	keys := map[string][]string{
		"API Gateway v1": {
			"resource", "path", "httpMethod", "headers", "multiValueHeaders",
			"queryStringParameters", "multiValueQueryStringParameters",
		},
		"API Gateway v2": {"routeKey", "rawPath", "rawQueryString", "headers"},
		"function URL":   {"routeKey", "rawPath", "rawQueryString", "headers"},
	}[s.Source]
	for _, key := range keys {
		if !e.has(key) {
			return false
		}
	}
	return keys != nil
}

func (s *seen) fromRecords(source string, records []any) {
	first, _ := records[0].(members)
	s.ARN = str(first.get("eventSourceARN"))
	switch source {
	case "aws:sqs":
		s.Source, s.Trigger = "SQS", "pubsub"
		for _, r := range records {
			r, _ := r.(members)
			s.addMessage(str(r.get("messageId")), r.get("attributes"), r.get("messageAttributes"))
		}
	case "aws:sns":
		s.Source, s.Trigger = "SNS", "pubsub"
		s.ARN = str(path(first, "Sns", "TopicArn"))
		for _, r := range records {
			r, _ := r.(members)
			s.addMessage(str(path(r, "Sns", "MessageId")), path(r, "Sns", "MessageAttributes"))
		}
	case "aws:kinesis":
		s.Source, s.Trigger = "Kinesis", "pubsub"
	case "aws:dynamodb":
		s.Source, s.Trigger = "DynamoDB", "datasource"
	case "aws:s3":
		s.Source, s.Trigger = "S3", "datasource"
		s.ARN = str(path(first, "s3", "bucket", "arn"))
	}
	if len(s.Messages) != 1 {
		return
	}
	r, _ := records[0].(members)
	if source == "aws:sqs" {
		s.carry(r.get("attributes"), r.get("messageAttributes"))
	} else {
		s.carry(path(r, "Sns", "MessageAttributes"))
	}
}

func (s *seen) addMessage(id string, objects ...any) {
	var c seen
	c.carry(objects...)
	m := seenMessage{ID: id, Traceparent: c.Traceparent}
	if h, err := propagator.ParseHeader(c.Header); err == nil {
		m.Header = h.String()
	}
	s.Messages = append(s.Messages, m)
}

func (s *seen) fromObject(e members) {
	rc, isHTTP := e.get("requestContext").(members)
	_, elb := rc.get("elb").(members)
	_, v2 := rc.get("http").(members)
	get := func(keys ...string) string { return str(path(e, keys...)) }
	execution, isExecution := e.get("Execution").(members)
	_, isState := e.get("State").(members)
	_, isMachine := e.get("StateMachine").(members)
	h := lambdaevent.Request{Method: get("httpMethod"), Path: get("path")}
	switch {
	case elb:
		s.Source, s.Trigger, s.ARN = "ALB", "http", str(path(rc, "elb", "targetGroupArn"))
		client, _, _ := strings.Cut(header(e, "x-forwarded-for"), ",")
		h.ClientIP = strings.TrimSpace(client)
		h.Host, h.UserAgent, h.Scheme = header(e, "host"), header(e, "user-agent"), header(e, "x-forwarded-proto")
		s.Query = query(e, func(s string) string { return s })
	case v2:
		s.Source, s.Trigger = "API Gateway v2", "http"
		h.Host = str(rc.get("domainName"))
		if strings.Contains(h.Host, ".lambda-url.") {
			s.Source = "function URL"
		}
		h.Method, h.Path, s.Query = str(path(rc, "http", "method")), get("rawPath"), get("rawQueryString")
		_, h.Route, _ = strings.Cut(get("routeKey"), " ")
		h.ClientIP, h.UserAgent = str(path(rc, "http", "sourceIp")), str(path(rc, "http", "userAgent"))
		h.Scheme = or(header(e, "x-forwarded-proto"), "https")
	case isHTTP && h.Method != "":
		s.Source, s.Trigger = "API Gateway v1", "http"
		h.Route, h.Path = get("resource"), or(str(rc.get("path")), h.Path)
		h.Host = or(str(rc.get("domainName")), header(e, "host"))
		h.ClientIP, h.UserAgent = str(path(rc, "identity", "sourceIp")), str(path(rc, "identity", "userAgent"))
		h.Scheme = or(header(e, "x-forwarded-proto"), "https")
		s.Query = query(e, url.QueryEscape)
	case get("detail-type") != "" && get("source") != "", get("detail-type") == "Scheduled Event":
		s.Source, s.Trigger = "EventBridge", "pubsub"
		if resources, _ := e.get("resources").([]any); len(resources) > 0 {
			s.ARN = str(resources[0])
		}
		if get("detail-type") == "Scheduled Event" {
			s.Source, s.Trigger = "schedule", "timer"
		} else {
			s.carry(e.get("detail"))
		}
		return
	case isExecution && (isState || isMachine):
		s.Source, s.ARN = "Step Functions", get("StateMachine", "Id")
		s.carry(e, execution.get("Input"))
		return
	}
	s.carry(e.get("headers"), e.get("multiValueHeaders"))
	if s.Source != "unknown" {
		s.Request = h
	}
}

func (s *seen) carry(objects ...any) {
	s.Header = carried(objects, "x-amzn-trace-id", "AWSTraceHeader")
	s.Traceparent = carried(objects, "traceparent", "")
}

func header(e members, key string) string {
	return carried([]any{e.get("headers"), e.get("multiValueHeaders")}, key, "")
}

func carried(objects []any, key, alias string) string {
	for _, o := range objects {
		o, _ := o.(members)
		for _, m := range o {
			if asciiLower(m.key) != key && (alias == "" || m.key != alias) {
				continue
			}
			switch v := m.value.(type) {
			case string:
				if v != "" {
					return v
				}
			case []any:
				if len(v) > 0 && str(v[0]) != "" {
					return str(v[0])
				}
			case members:
				for _, w := range v {
					if (w.key == "stringValue" || w.key == "Value") && str(w.value) != "" {
						return str(w.value)
					}
				}
			}
		}
	}
	return ""
}

func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func query(e members, encode func(string) string) string {
	params, ok := e.get("multiValueQueryStringParameters").(members)
	if !ok {
		params, _ = e.get("queryStringParameters").(members)
	}
	var pairs []string
	for _, m := range params {
		values, ok := m.value.([]any)
		if !ok {
			values = []any{m.value}
		}
		for _, v := range values {
			pairs = append(pairs, encode(m.key)+"="+encode(str(v)))
		}
	}
	return strings.Join(pairs, "&")
}

func recordSource(records []any) string {
	if len(records) == 0 {
		return ""
	}
	first, _ := records[0].(members)
	for _, m := range first {
		if m.key == "eventSource" || m.key == "EventSource" {
			switch source := str(m.value); source {
			case "aws:sqs", "aws:sns", "aws:kinesis", "aws:dynamodb", "aws:s3":
				return source
			}
		}
	}
	return ""
}

// members is an object in the order of its text.
type members []struct {
	key   string
	value any
}

func (o members) get(key string) any {
	for _, m := range o {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

func path(v any, keys ...string) any {
	for _, key := range keys {
		o, _ := v.(members)
		v = o.get(key)
	}
	return v
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// decode reads a value; it reports false for an object with a repeated key.
func decode(d *json.Decoder) (any, bool) {
	token, err := d.Token()
	if err != nil {
		return nil, false
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, ok := decode(d)
			if !ok {
				return nil, false
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, err == nil
	case json.Delim('{'):
		o := members{}
		for d.More() {
			key, ok := decode(d)
			if !ok || o.has(str(key)) {
				return nil, false
			}
			v, ok := decode(d)
			if !ok {
				return nil, false
			}
			o = append(o, struct {
				key   string
				value any
			}{str(key), v})
		}
		_, err = d.Token()
		return o, err == nil
	}
	return token, true
}

func (o members) has(key string) bool {
	for _, m := range o {
		if m.key == key {
			return true
		}
	}
	return false
}
