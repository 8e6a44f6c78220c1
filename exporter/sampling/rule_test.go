package sampling

import (
	"fmt"
	"math"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
)

// attrs makes attributes of key, value, key, value…
func attrs(pairs ...any) []attribute.KeyValue {
	var kvs []attribute.KeyValue
	for i := 0; i < len(pairs); i += 2 {
		key := attribute.Key(pairs[i].(string))
		switch v := pairs[i+1].(type) {
		case string:
			kvs = append(kvs, key.String(v))
		case int:
			kvs = append(kvs, key.Int(v))
		case float64:
			kvs = append(kvs, key.Float64(v))
		case bool:
			kvs = append(kvs, key.Bool(v))
		case []string:
			kvs = append(kvs, key.StringSlice(v))
		default:
			panic(fmt.Sprintf("%T", v))
		}
	}
	return kvs
}

func TestMatching(t *testing.T) {
	onECS := func(launchType string) []attribute.KeyValue {
		return attrs("service.name", "orders", "cloud.platform", "aws_ecs", "aws.ecs.launchtype", launchType)
	}
	ec2 := attrs("service.name", "orders", "cloud.platform", "aws_ec2")
	const arn = "arn:aws:ecs:eu-west-1:111122223333:container/3b2f"
	for _, c := range []struct {
		name     string
		rule     samplingRule // empty patterns are *
		resource []attribute.KeyValue
		span     []attribute.KeyValue
		want     bool
	}{
		{"everything, nothing known", samplingRule{}, nil, nil, true},

		// Service.
		{"name", samplingRule{ServiceName: "orders"}, ec2, nil, true},
		{"name, other case", samplingRule{ServiceName: "ORD*"}, ec2, nil, true},
		{"part of a name", samplingRule{ServiceName: "order"}, ec2, nil, false},
		{"name as segments get it", samplingRule{ServiceName: "shop orders"}, attrs("service.name", "shop\torders"), nil, true},
		{"no name: the span's", samplingRule{ServiceName: "span"}, nil, nil, true},
		{"no name: not another", samplingRule{ServiceName: "orders"}, nil, nil, false},
		{"the SDK's own name is none", samplingRule{ServiceName: "unknown_service*"}, attrs("service.name", "unknown_service:go"), nil, false},
		{"type EC2", samplingRule{ServiceType: "AWS::EC2::Instance"}, ec2, nil, true},
		{"type EC2, rule for ECS", samplingRule{ServiceType: "AWS::ECS::Container"}, ec2, nil, false},
		{"type ECS", samplingRule{ServiceType: "AWS::ECS::Container"}, onECS(""), nil, true},
		{"type ECS on EC2", samplingRule{ServiceType: "AWS::ECS::Container"}, onECS("ec2"), nil, true},
		{"type ECS on Fargate", samplingRule{ServiceType: "AWS::ECS::Container"}, onECS("FARGATE"), nil, true},
		{"type Fargate", samplingRule{ServiceType: "AWS::ECS::Fargate"}, onECS("fargate"), nil, true},
		{"type Fargate on EC2", samplingRule{ServiceType: "AWS::ECS::Fargate"}, onECS("ec2"), nil, false},
		{"type EKS", samplingRule{ServiceType: "AWS::EKS::*"}, attrs("cloud.platform", "aws_eks"), nil, true},
		{"type Elastic Beanstalk", samplingRule{ServiceType: "AWS::ElasticBeanstalk::Environment"}, attrs("cloud.platform", "aws_elastic_beanstalk"), nil, true},
		{"the raw platform is no type", samplingRule{ServiceType: "aws_ec2"}, ec2, nil, false},
		{"no type", samplingRule{ServiceType: "AWS::*"}, attrs("service.name", "orders"), nil, false},
		{"ARN of the container", samplingRule{ResourceARN: arn}, attrs("cloud.resource_id", "other", "aws.ecs.container.arn", arn), nil, true},
		{"ARN of the resource", samplingRule{ResourceARN: "arn:*:container/*"}, attrs("cloud.resource_id", arn), nil, true},
		{"another ARN", samplingRule{ResourceARN: arn + "9"}, attrs("aws.ecs.container.arn", arn), nil, false},
		{"no ARN", samplingRule{ResourceARN: arn}, ec2, nil, false},

		// Method.
		{"method, today's", samplingRule{HTTPMethod: "GET"}, nil, attrs("http.request.method", "GET"), true},
		{"method, older", samplingRule{HTTPMethod: "get"}, nil, attrs("http.method", "GET"), true},
		{"another method", samplingRule{HTTPMethod: "GET"}, nil, attrs("http.request.method", "POST", "http.method", "GET"), false},
		{"a method of one's own", samplingRule{HTTPMethod: "PURGE"}, nil, attrs("http.request.method", "_OTHER", "http.request.method_original", "PURGE"), true},
		{"a method that nobody knows", samplingRule{HTTPMethod: "_OTHER"}, nil, attrs("http.request.method", "_OTHER"), true},
		{"no method", samplingRule{HTTPMethod: "GET"}, nil, attrs("messaging.system", "aws_sqs"), false},

		// Path.
		{"path, today's", samplingRule{URLPath: "/health"}, nil, attrs("url.path", "/health"), true},
		{"part of a path", samplingRule{URLPath: "/health"}, nil, attrs("url.path", "/api/healthz"), false},
		{"path, older, without query", samplingRule{URLPath: "/shop"}, nil, attrs("http.target", "/shop?a=1#b"), true},
		{"path, absolute form", samplingRule{URLPath: "/shop"}, nil, attrs("http.target", "http://h/shop?a=1"), true},
		{"path of a URL", samplingRule{URLPath: "/shop*"}, nil, attrs("url.full", "https://h:1/shop/1?x=/y"), true},
		{"path of an older URL", samplingRule{URLPath: "/shop*"}, nil, attrs("http.url", "http://h/shop"), true},
		{"path, not the whole URL", samplingRule{URLPath: "/shop*"}, nil, attrs("http.url", "http://h/x/shop.html"), false},
		{"path before URL", samplingRule{URLPath: "/a"}, nil, attrs("url.full", "http://h/b", "url.path", "/a"), true},
		{"a URL without path", samplingRule{URLPath: "/"}, nil, attrs("url.full", "http://h?x"), true},
		{"a URL of a query", samplingRule{URLPath: "/a"}, nil, attrs("url.full", "http://?/a"), false},
		{"a URL without host", samplingRule{URLPath: "/a"}, nil, attrs("url.full", "file:///a"), true},
		{"no path", samplingRule{URLPath: "/"}, nil, attrs("http.request.method", "GET"), false},
		{"no path, any", samplingRule{URLPath: "*"}, nil, nil, true},
		{"no URL", samplingRule{URLPath: "/a"}, nil, attrs("url.full", "/a"), false},

		// Host.
		{"host", samplingRule{Host: "api.example.com"}, nil, attrs("server.address", "api.example.com", "server.port", 8080), true},
		{"host and port", samplingRule{Host: "api.example.com:8080"}, nil, attrs("server.address", "api.example.com", "server.port", 8080), true},
		{"host and another port", samplingRule{Host: "api.example.com:80"}, nil, attrs("server.address", "api.example.com", "server.port", 8080), false},
		{"host and port as text", samplingRule{Host: "*:8080"}, nil, attrs("net.host.name", "api", "net.host.port", "8080"), true},
		{"host header", samplingRule{Host: "api"}, nil, attrs("http.host", "api:8080"), true},
		{"host header with port", samplingRule{Host: "api:80?0"}, nil, attrs("http.host", "API:8080"), true},
		{"host, older names", samplingRule{Host: "api"}, nil, attrs("http.server_name", "api"), true},
		{"host of a URL", samplingRule{Host: "api.example.com"}, nil, attrs("url.full", "https://u:p@api.example.com:444/x"), true},
		{"host, IPv6", samplingRule{Host: "[::1]:8080"}, nil, attrs("server.address", "::1", "server.port", 8080), true},
		{"host, IPv6 header", samplingRule{Host: "::1"}, nil, attrs("http.host", "[::1]:8080"), true},
		{"host, IPv6 without port", samplingRule{Host: "::1"}, nil, attrs("http.host", "::1"), true},
		{"host and a port that ends otherwise", samplingRule{Host: "api:8081"}, nil, attrs("server.address", "api", "server.port", 8080), false},
		{"host without a port", samplingRule{Host: "api:0"}, nil, attrs("server.address", "api"), false},
		{"host header without host", samplingRule{Host: ":8080"}, nil, attrs("http.host", ":8080"), false},
		{"no host, a port", samplingRule{Host: ":8080"}, nil, attrs("server.port", 8080), false},
		{"no host", samplingRule{Host: "*.com"}, nil, nil, false},

		// Attributes.
		{"attribute", samplingRule{Attributes: map[string]string{"tenant": "a*"}}, nil, attrs("tenant", "Acme"), true},
		{"another value", samplingRule{Attributes: map[string]string{"tenant": "a*"}}, nil, attrs("tenant", "Zeta"), false},
		{"no attribute", samplingRule{Attributes: map[string]string{"tenant": "*"}}, nil, nil, false},
		{"an empty attribute", samplingRule{Attributes: map[string]string{"tenant": "*"}}, nil, attrs("tenant", ""), true},
		{"one of two", samplingRule{Attributes: map[string]string{"tenant": "*", "shard": "7"}}, nil, attrs("tenant", "a"), false},
		{"an integer", samplingRule{Attributes: map[string]string{"tenant": "*", "shard": "7"}}, nil, attrs("tenant", "a", "shard", 7), true},
		{"a bool", samplingRule{Attributes: map[string]string{"beta": "true"}}, nil, attrs("beta", true), true},
		{"a number", samplingRule{Attributes: map[string]string{"share": "0.?5"}}, nil, attrs("share", 0.25), true},
		{"a list", samplingRule{Attributes: map[string]string{"tags": "*\"b\"*"}}, nil, attrs("tags", []string{"a", "b"}), true},
		{"keys have case", samplingRule{Attributes: map[string]string{"Tenant": "*"}}, nil, attrs("tenant", "a"), false},

		// Together.
		{"all", samplingRule{ServiceName: "orders", ServiceType: "AWS::EC2::*", HTTPMethod: "GET", Host: "api", URLPath: "/a", Attributes: map[string]string{"x": "1"}},
			ec2, attrs("http.request.method", "GET", "server.address", "api", "url.path", "/a", "x", 1), true},
		{"a queue consumer and a rule for GET", samplingRule{HTTPMethod: "GET", URLPath: "*"}, ec2, attrs("messaging.system", "aws_sqs", "url.path", "/a"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, p := range []*string{&c.rule.ServiceName, &c.rule.ServiceType, &c.rule.ResourceARN, &c.rule.HTTPMethod, &c.rule.Host, &c.rule.URLPath} {
				if *p == "" {
					*p = "*"
				}
			}
			service := newService(resource.NewSchemaless(c.resource...))
			rule, ok := newRule(c.rule, &service)
			q := request{span: "span"}
			q.scan(c.span)
			if got := ok && rule.matches(&q); got != c.want {
				t.Errorf("%t, want %t; service %+v, request %+v", got, c.want, service, q)
			}
		})
	}
}

func TestRuleOrder(t *testing.T) {
	records := []samplingRuleRecord{
		{&samplingRule{RuleName: "Default", Version: 1, Priority: 10000, URLPath: "*"}},
		{nil},
		{&samplingRule{RuleName: "b", Version: 1, Priority: 5, URLPath: "/b*"}},
		{&samplingRule{RuleName: "future", Version: 2, Priority: 1, URLPath: "*"}},
		{&samplingRule{RuleName: "", Version: 1, Priority: 1, URLPath: "*"}},
		{&samplingRule{RuleName: "a", Version: 1, Priority: 5, URLPath: "/*"}},
		{&samplingRule{RuleName: "a", Version: 1, Priority: 5, URLPath: "/twice"}},
		{&samplingRule{RuleName: "other", Version: 1, Priority: 1, URLPath: "*", ServiceName: "prices"}},
	}
	for _, r := range records {
		if s := r.SamplingRule; s != nil {
			s.HTTPMethod, s.Host, s.ServiceType, s.ResourceARN = "*", "*", "*", "*"
			if s.ServiceName == "" {
				s.ServiceName = "*"
			}
		}
	}
	got := ""
	for _, r := range newRules(records, &service{name: "orders"}, nil, 0) {
		got += r.source.RuleName + " "
	}
	if got != "a b Default " {
		t.Errorf("rules are tried in the order %q", got)
	}
}

// A report's answer may hold anything.
func TestNumbers(t *testing.T) {
	inf := math.Inf(1)
	for _, n := range []float64{-1, 0, 0.5, 1e300, inf, -inf} {
		v := newReservoir(&samplingRule{RuleName: "a", ReservoirSize: n, FixedRate: n}, 0)
		v.assign(&samplingTarget{RuleName: "a", FixedRate: &n, ReservoirQuota: &n, ReservoirQuotaTTL: n, Interval: n,
			SamplingBoost: &struct{ BoostRate, BoostRateTTL float64 }{n, n}}, time.Second, time.Unix(1e9, 0))
		if v.interval < minReportInterval || v.interval > maxReportInterval || v.quota < 0 || v.rate > 1<<63 {
			t.Errorf("%v gives %+v", n, v)
		}
	}
}

// Of a report's answer only what it has counts.
func TestAnswerInPart(t *testing.T) {
	now, xrayNow, quota := time.Second, time.Unix(1e9, 0), 5.0
	v := newReservoir(&samplingRule{RuleName: "a"}, 0)
	v.assign(&samplingTarget{RuleName: "a", ReservoirQuotaTTL: 1e9 + 60}, now, xrayNow)
	v.assign(&samplingTarget{RuleName: "a", ReservoirQuota: &quota}, now, xrayNow)
	if v.quotaUntil != 0 || v.interval != reportInterval || v.due != now+reportInterval {
		t.Errorf("without quota, its time and an interval: %+v", v)
	}
	v.assign(&samplingTarget{RuleName: "a", ReservoirQuota: &quota, ReservoirQuotaTTL: 1e9 + 60, Interval: 30}, now, xrayNow)
	if v.quota != 5 || v.quotaUntil != now+time.Minute || v.due != now+30*time.Second {
		t.Errorf("with all: %+v", v)
	}
	// The quota holds until its time, and from then on one a second is borrowed.
	v.borrows = true
	for range 6 {
		v.decide(v.quotaUntil-1, trace.TraceID{})
	}
	if v.counts.sampled != 5 || v.counts.borrowed != 0 {
		t.Errorf("within the quota's time: %+v", v.counts)
	}
	v.decide(v.quotaUntil, trace.TraceID{})
	if v.counts.sampled != 6 || v.counts.borrowed != 1 {
		t.Errorf("at its end: %+v", v.counts)
	}
	if _, due := v.take(v.due - 1); due {
		t.Error("a report before its time")
	}
	if c, due := v.take(v.due); !due || c.requests != 7 {
		t.Errorf("at its time: %t, %+v", due, c)
	}
}
