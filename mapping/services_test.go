package mapping

import (
	"slices"
	"testing"
)

func TestAWSServices(t *testing.T) {
	if !slices.IsSortedFunc(awsServices[:], func(a, b serviceName) int {
		if a.folded < b.folded {
			return -1
		}
		return 1
	}) {
		t.Error("awsServices is not sorted, or has a name twice")
	}
	for _, s := range awsServices {
		if got := searchService([]byte(s.folded)); got != s.id {
			t.Errorf("%s: got %q, want %q", s.folded, got, s.id)
		}
		if got := ServiceName(s.id); got != s.id {
			t.Errorf("the id %s becomes %s", s.id, got)
		}
	}
	for _, s := range commonServices {
		if searchService(foldService(nil, s)) != s {
			t.Errorf("%s is no service id", s)
		}
	}
}

// What SDKs write for one service: aws-sdk-go-v2, Java v1 and v2, botocore (service
// ids and endpoint prefixes), JavaScript v2 and v3, .NET, and ADOT.
func TestCanonicalService(t *testing.T) {
	for want, names := range map[string][]string{
		"DynamoDB":                  {"DynamoDB", "DynamoDb", "dynamodb", "AmazonDynamoDBv2", "DynamoDBv2", "AWS.SDK.DynamoDb", "AWS::DynamoDB", "DynamoDBClient"},
		"KMS":                       {"KMS", "Kms", "kms", "AWSKMS", "KeyManagementService", "AmazonKeyManagementService"},
		"SFN":                       {"SFN", "Sfn", "StepFunctions", "Step Functions", "states", "AWSStepFunctions"},
		"S3":                        {"S3", "s3", "AmazonS3", "Amazon S3", "AWS.SDK.S3", "S3Client"},
		"SNS":                       {"SNS", "Sns", "AmazonSNS", "SimpleNotificationService"},
		"SQS":                       {"SQS", "Sqs", "AmazonSQS", "AWS::SQS"},
		"Secrets Manager":           {"Secrets Manager", "SecretsManager", "secretsmanager", "AWSSecretsManager"},
		"SSM":                       {"SSM", "Ssm", "AWSSimpleSystemsManagement", "SimpleSystemsManagement"},
		"EventBridge":               {"EventBridge", "events", "CloudWatch Events", "AmazonEventBridge"},
		"CloudWatch Logs":           {"CloudWatch Logs", "CloudWatchLogs", "logs", "AWSLogs"},
		"STS":                       {"STS", "Sts", "AWSSecurityTokenService", "SecurityTokenService"},
		"Cognito Identity Provider": {"CognitoIdentityProvider", "cognito-idp", "AWSCognitoIdentityProvider"},
		"Firehose":                  {"Firehose", "AmazonKinesisFirehose", "KinesisFirehose"},
		"Bedrock Runtime":           {"Bedrock Runtime", "BedrockRuntime", "bedrock-runtime", "AWS.SDK.BedrockRuntime"},
		"SESv2":                     {"SESv2", "sesv2"},
		"Elastic Load Balancing v2": {"ElasticLoadBalancingv2", "ElasticLoadBalancingV2"},
		"Lex Runtime V2":            {"LexRuntimeV2"},
		"Personalize":               {"Personalize", "personalize", "AmazonPersonalize", "PERSONALIZE"},
		"Zzz":                       {"Zzz", "AWS::Zzz"},
		"Brand New":                 {"Brand New", "AWS.SDK.Brand New", "AWS::Brand New"},
		"":                          {""},
	} {
		for _, name := range names {
			if got := ServiceName(name); got != want {
				t.Errorf("ServiceName(%q) = %q, want %q", name, got, want)
			}
		}
	}
	if n := testing.AllocsPerRun(100, func() { ServiceName("AmazonDynamoDBv2") }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
