package mapping_test

import (
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
