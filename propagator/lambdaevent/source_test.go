package lambdaevent_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lambdaxray/lambdaxray/propagator/lambdaevent"
)

const lastSource = lambdaevent.SourceCodeCommit

func TestSource(t *testing.T) {
	names := map[string]bool{}
	for s := lambdaevent.SourceUnknown; s <= lastSource; s++ {
		if s.String() == "" || names[s.String()] {
			t.Errorf("Source %d is %q", s, s)
		}
		names[s.String()] = true
		switch s.Trigger() {
		case "http", "pubsub", "datasource", "timer", "other":
		default:
			t.Errorf("%v: %q is no value of faas.trigger", s, s.Trigger())
		}
	}
	for _, s := range []lambdaevent.Source{lastSource + 1, 255} {
		if s.String() != "unknown" || s.Trigger() != "other" {
			t.Errorf("%d: %q %q", s, s, s.Trigger())
		}
	}
	// testdata has each source.
	_, want := eventCases(t)
	for _, s := range want {
		delete(names, s.Source)
	}
	for name := range names {
		t.Errorf("testdata has no event of %s", name)
	}
}

// awsEvents are aws-lambda-go's own example events, which are AWS's.
var awsEvents = map[string]lambdaevent.Source{
	"activemq-event":                               lambdaevent.SourceMQ,
	"alb-lambda-target-request-headers-only":       lambdaevent.SourceALB,
	"alb-lambda-target-request-multivalue-headers": lambdaevent.SourceALB,
	"apigw-custom-auth-request-type-request":       lambdaevent.SourceAuthorizer,
	"apigw-custom-auth-request":                    lambdaevent.SourceAuthorizer,
	"apigw-request":                                lambdaevent.SourceAPIGatewayV1,
	"apigw-restapi-openapi-request":                lambdaevent.SourceAPIGatewayV1,
	"apigw-v2-custom-authorizer-v1-request":        lambdaevent.SourceAuthorizer,
	"apigw-v2-custom-authorizer-v2-request":        lambdaevent.SourceAuthorizer,
	"apigw-v2-request-iam":                         lambdaevent.SourceAPIGatewayV2,
	"apigw-v2-request-jwt-authorizer":              lambdaevent.SourceAPIGatewayV2,
	"apigw-v2-request-lambda-authorizer":           lambdaevent.SourceAPIGatewayV2,
	"apigw-v2-request-no-authorizer":               lambdaevent.SourceAPIGatewayV2,
	"apigw-websocket-request-disconnect":           lambdaevent.SourceWebSocket,
	"apigw-websocket-request-send-message":         lambdaevent.SourceWebSocket,
	"apigw-websocket-request":                      lambdaevent.SourceWebSocket,
	"appsync-lambda-auth-request":                  lambdaevent.SourceAuthorizer,
	"autoscaling-event-launch-successful":          lambdaevent.SourceEventBridge,
	"cloudwatch-alarm-sns-payload-single-metric":   lambdaevent.SourceSNS,
	"cloudwatch-logs-event":                        lambdaevent.SourceLogs,
	"code-commit-event":                            lambdaevent.SourceCodeCommit,
	"codebuild-state-change":                       lambdaevent.SourceEventBridge,
	"codedeploy-deployment-event":                  lambdaevent.SourceEventBridge,
	"codepipeline-execution-state-change-event":    lambdaevent.SourceEventBridge,
	"codepipeline-job-event":                       lambdaevent.SourceUnknown,
	"cognito-event-userpools-custommessage":        lambdaevent.SourceCognito,
	"cognito-event-userpools-migrateuser":          lambdaevent.SourceCognito,
	"cognito-event-userpools-presignup":            lambdaevent.SourceCognito,
	"cognito-event-userpools-pretokengen-v2":       lambdaevent.SourceCognito,
	"cognito-event":                                lambdaevent.SourceCognito,
	"config-event":                                 lambdaevent.SourceConfig,
	"connect-event":                                lambdaevent.SourceUnknown,
	"dynamodb-event":                               lambdaevent.SourceDynamoDB,
	"dynamodb-time-window-event":                   lambdaevent.SourceDynamoDB,
	"ecr-image-push-event":                         lambdaevent.SourceEventBridge,
	"iot-1-click-event":                            lambdaevent.SourceIoT,
	"iot-button-event":                             lambdaevent.SourceIoT,
	"iot-custom-auth-request":                      lambdaevent.SourceIoT,
	"iot-preprovision-hook-request":                lambdaevent.SourceIoT,
	"kafka-event":                                  lambdaevent.SourceKafka,
	"kinesis-analytics-output-delivery-event":      lambdaevent.SourceUnknown,
	"kinesis-event":                                lambdaevent.SourceKinesis,
	"kinesis-firehose-event":                       lambdaevent.SourceFirehose,
	"kinesis-time-window-event":                    lambdaevent.SourceKinesis,
	"lambda-urls-request":                          lambdaevent.SourceFunctionURL,
	"lex-event":                                    lambdaevent.SourceUnknown,
	"rabbitmq-event":                               lambdaevent.SourceMQ,
	"s3-batch-job-event-request-1.0":               lambdaevent.SourceS3Batch,
	"s3-batch-job-event-request-2.0":               lambdaevent.SourceS3Batch,
	"s3-event":                                     lambdaevent.SourceS3,
	"s3-object-lambda-event-get-object-iam":        lambdaevent.SourceS3ObjectLambda,
	"s3-object-lambda-event-head-object-iam":       lambdaevent.SourceS3ObjectLambda,
	"s3-object-lambda-event-list-objects-iam":      lambdaevent.SourceS3ObjectLambda,
	"s3-object-lambda-event-list-objects-v2-iam":   lambdaevent.SourceS3ObjectLambda,
	"secretsmanager-secret-rotation-event":         lambdaevent.SourceUnknown,
	"ses-lambda-event":                             lambdaevent.SourceSES,
	"sns-event":                                    lambdaevent.SourceSNS,
	"sqs-event":                                    lambdaevent.SourceSQS,
	// What functions return is no event.
	"alb-lambda-target-response": lambdaevent.SourceUnknown,
	"apigw-response":             lambdaevent.SourceUnknown,
	"kinesis-firehose-response":  lambdaevent.SourceUnknown,
	"lambda-urls-response":       lambdaevent.SourceUnknown,
}

func TestSourceOfAWSEvents(t *testing.T) {
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-lambda-go")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "events", "testdata")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("aws-lambda-go is here without its test data: ", err)
	}
	for name, want := range awsEvents {
		event, err := os.ReadFile(filepath.Join(dir, name+".json"))
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if got := lambdaevent.Parse(event).Source; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestDocTable: the package documentation says of each source what is so.
func TestDocTable(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, want := eventCases(t)
	requests := map[string]bool{}
	for _, s := range want {
		requests[s.Source] = s.Request != nil
	}
	word := map[bool]string{true: "yes", false: "no"}
	for s := lambdaevent.SourceUnknown; s <= lastSource; s++ {
		row := fmt.Sprintf("\n//\t%-18s%-14s%-9s%-16s", s, s.Trigger(), word[requests[s.String()]], word[s.RespondsHTTP()])
		if !strings.Contains(string(doc), row) {
			t.Errorf("doc.go has no row %q", row)
		}
	}
}
