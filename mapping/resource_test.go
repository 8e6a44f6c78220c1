package mapping_test

import (
	"bytes"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdaxray/lambdaxray/mapping"
)

func TestResourceOfSegments(t *testing.T) {
	for _, test := range []struct {
		name         string
		attrs        map[string]string
		want, origin string
	}{
		{"nothing", nil, "", ""},
		{"function", map[string]string{"cloud.platform": "aws_lambda", "faas.name": "orders", "service.name": "shop"}, "orders", "AWS::Lambda::Function"},
		{"service", map[string]string{"cloud.platform": "aws_ec2", "service.name": "shop"}, "shop", "AWS::EC2::Instance"},
		{"container", map[string]string{"cloud.platform": "aws_ecs", "aws.ecs.launchtype": "FARGATE", "service.name": "shop"}, "shop", "AWS::ECS::Fargate"},
		{"the SDK's own name", map[string]string{"service.name": "unknown_service:go"}, "", ""},
		{"illegal characters", map[string]string{"service.name": "shop (eu), " + strings.Repeat("x", 300)}, "shop eu " + strings.Repeat("x", 192), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var attrs []attribute.KeyValue
			for k, v := range test.attrs {
				attrs = append(attrs, attribute.String(k, v))
			}
			r := mapping.NewResource(attrs)
			if r.SegmentName() != test.want || r.Origin() != test.origin {
				t.Errorf("got %q, %q, want %q, %q", r.SegmentName(), r.Origin(), test.want, test.origin)
			}
		})
	}
}

// What stands under the key of a secret is none of metadata's, one text or a list.
func TestSecretsOfResource(t *testing.T) {
	s := testSpan(1, 0)
	s.Resource = mapping.NewResource([]attribute.KeyValue{
		attribute.String("service.name", "shop"), attribute.String("auth_token", planted), attribute.StringSlice("api_key", []string{planted, "b"}),
	})
	docs, err := mapping.New().AppendDocuments(nil, []mapping.Span{s})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(docs[0], []byte(planted)) || !bytes.Contains(docs[0], []byte(`"auth_token":"REDACTED","api_key":"REDACTED"`)) {
		t.Errorf("%s", docs[0])
	}
}

// Of several tags of an image the first is the version, and metadata has them all;
// the name of an X-Ray SDK has its language already.
func TestResourceOfReceiver(t *testing.T) {
	s := testSpan(1, 0)
	s.Resource = mapping.NewResource([]attribute.KeyValue{
		attribute.String("service.name", "shop"), attribute.StringSlice("container.image.tags", []string{"1.2", "stable"}),
		attribute.String("telemetry.sdk.name", "X-Ray for Go"), attribute.String("telemetry.sdk.language", "Go"),
	})
	docs, err := mapping.New().AppendDocuments(nil, []mapping.Span{s})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"service":{"version":"1.2"}`, `"sdk":"X-Ray for Go"`, `"container.image.tags":["1.2","stable"]`} {
		if !bytes.Contains(docs[0], []byte(want)) {
			t.Errorf("no %s in %s", want, docs[0])
		}
	}
}
