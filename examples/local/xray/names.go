package xray

import (
	"strings"
	"unicode"
	"unicode/utf8"
	"unique"

	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

// node is what makes two requests belong to one node of the service graph.
type node = unique.Handle[nodeName]

type nodeName struct{ name, typ string }

// nodeID is the node's identity on the page: see [PageNode].
func (n nodeName) id() string { return n.typ + " " + n.name }

// Types of nodes that are no origin of a segment.
const (
	typeClient = "client"
	typeRemote = "remote"
)

func intern(s string) string {
	if s == "" {
		return ""
	}
	return unique.Make(s).Value()
}

// inferredNode returns the node that a call makes, and the name of the segment that
// stands for it: the node is called after the table or the bucket, the segment
// after the service.
func inferredNode(d *segment.Document) (n nodeName, service string) {
	if d.Namespace != "aws" {
		return nodeName{d.Name, typeRemote}, d.Name
	}
	service = serviceName(d.Name)
	typ := "AWS::" + strings.ReplaceAll(service, " ", "")
	if table := oneString(d.AWS["table_name"], d.AWS["table_names"]); table != "" {
		return nodeName{table, typ + "::Table"}, service
	}
	if bucket := oneString(d.AWS["bucket_name"]); bucket != "" {
		return nodeName{bucket, typ + "::Bucket"}, service
	}
	return nodeName{service, typ}, service
}

// oneString returns the first value that is a string or a list of just one.
func oneString(values ...any) string {
	for _, v := range values {
		switch v := v.(type) {
		case string:
			if v != "" {
				return v
			}
		case []any:
			if len(v) == 1 {
				if s := oneString(v[0]); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// services are spellings of AWS services, without case, spaces and signs, that no
// rule makes of another.
var services = map[string]string{
	"s3": "S3", "simplestorageservice": "S3",
	"dynamodb": "DynamoDB", "dynamodbstreams": "DynamoDB Streams",
	"sqs": "SQS", "simplequeueservice": "SQS",
	"sns": "SNS", "simplenotificationservice": "SNS",
	"ses": "SES", "sesv2": "SES", "simpleemail": "SES", "simpleemailservice": "SES",
	"ssm": "SSM", "simplesystemsmanagement": "SSM", "systemsmanager": "SSM",
	"sfn": "SFN", "stepfunctions": "SFN",
	"sts": "STS", "securitytokenservice": "STS",
	"kms": "KMS", "keymanagementservice": "KMS",
	"iam": "IAM", "ec2": "EC2", "ecs": "ECS", "ecr": "ECR", "eks": "EKS", "rds": "RDS", "emr": "EMR", "swf": "SWF", "mq": "MQ", "waf": "WAF",
	"eventbridge": "EventBridge", "events": "EventBridge", "cloudwatchevents": "EventBridge",
	"cloudwatch": "CloudWatch", "monitoring": "CloudWatch",
	"cloudwatchlogs": "CloudWatch Logs", "logs": "CloudWatch Logs",
	"secretsmanager":          "Secrets Manager",
	"bedrockruntime":          "Bedrock Runtime",
	"cognitoidentityprovider": "Cognito Identity Provider",
	"cognitoidentity":         "Cognito Identity",
	"apigatewaymanagementapi": "ApiGatewayManagementApi",
	"elasticache":             "ElastiCache",
	"opensearch":              "OpenSearch",
	"rdsdata":                 "RDS Data",
	"appconfigdata":           "AppConfigData",
	"timestreamwrite":         "Timestream Write",
	"sagemakerruntime":        "SageMaker Runtime",
	"codepipeline":            "CodePipeline",
	"appsync":                 "AppSync",
	"xray":                    "XRay",
	"elasticloadbalancingv2":  "Elastic Load Balancing v2",
	"kinesisfirehose":         "Firehose",
	"firehose":                "Firehose",
	"servicediscovery":        "ServiceDiscovery",
}

// serviceName folds the SDKs' spellings of a service into one: dynamodb, DynamoDb,
// AmazonDynamoDBv2 and AWS::DynamoDB are DynamoDB.
func serviceName(name string) string {
	short := name
	for _, prefix := range []string{"AWS::", "AWS.SDK.", "com.amazonaws.", "software.amazon.awssdk.", "Amazon", "AWS"} {
		if len(short) > len(prefix) && strings.EqualFold(short[:len(prefix)], prefix) {
			short = strings.TrimLeft(short[len(prefix):], " .:")
		}
	}
	key := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' || r == '.' {
			return -1
		}
		return unicode.ToLower(r)
	}, short)
	for _, suffix := range []string{"", "client", "v2", "async", "asyncclient", "v2client"} {
		if k, ok := strings.CutSuffix(key, suffix); ok {
			if s, ok := services[k]; ok {
				return s
			}
		}
	}
	if len(short) > 2 && strings.EqualFold(short[len(short)-2:], "v2") {
		short = strings.TrimRight(short[:len(short)-2], " ")
	}
	if r, size := utf8.DecodeRuneInString(short); unicode.IsLower(r) {
		short = string(unicode.ToUpper(r)) + short[size:]
	}
	if short == "" {
		return name
	}
	return short
}
