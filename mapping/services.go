package mapping

import "strings"

// serviceName is a folded name and the service id.
type serviceName struct{ folded, id string }

// awsServices are the names under which SDKs know AWS services, in lower case
// without spaces and signs, and the one name that a node gets: the service id of
// the AWS SDKs. X-Ray makes the node's type and name of it, so one service must
// have one, whatever the SDK writes. Sorted by the former.
//
// Source: https://github.com/aws/aws-sdk-go-v2/tree/main/codegen/sdk-codegen/aws-models (serviceId)
var awsServices = [...]serviceName{
	{"accessanalyzer", "Access Analyzer"},
	{"account", "Account"},
	{"acm", "ACM"},
	{"acmpca", "ACM PCA"},
	{"amplify", "Amplify"},
	{"apigateway", "API Gateway"},
	{"apigatewaymanagementapi", "ApiGatewayManagementApi"},
	{"apigatewayv2", "ApiGatewayV2"},
	{"appconfig", "AppConfig"},
	{"appconfigdata", "AppConfigData"},
	{"applicationautoscaling", "Application Auto Scaling"},
	{"appmesh", "App Mesh"},
	{"apprunner", "AppRunner"},
	{"appstream", "AppStream"},
	{"appsync", "AppSync"},
	{"athena", "Athena"},
	{"autoscaling", "Auto Scaling"},
	{"backup", "Backup"},
	{"batch", "Batch"},
	{"bedrock", "Bedrock"},
	{"bedrockagent", "Bedrock Agent"},
	{"bedrockagentcore", "Bedrock AgentCore"},
	{"bedrockagentruntime", "Bedrock Agent Runtime"},
	{"bedrockruntime", "Bedrock Runtime"},
	{"certificatemanager", "ACM"},
	{"cloud9", "Cloud9"},
	{"cloudformation", "CloudFormation"},
	{"cloudfront", "CloudFront"},
	{"cloudhsmv2", "CloudHSM V2"},
	{"cloudsearch", "CloudSearch"},
	{"cloudtrail", "CloudTrail"},
	{"cloudwatch", "CloudWatch"},
	{"cloudwatchevents", "EventBridge"},
	{"cloudwatchlogs", "CloudWatch Logs"},
	{"codeartifact", "CodeArtifact"},
	{"codebuild", "CodeBuild"},
	{"codecommit", "CodeCommit"},
	{"codedeploy", "CodeDeploy"},
	{"codepipeline", "CodePipeline"},
	{"cognitoidentity", "Cognito Identity"},
	{"cognitoidentityprovider", "Cognito Identity Provider"},
	{"cognitoidp", "Cognito Identity Provider"},
	{"cognitosync", "Cognito Sync"},
	{"comprehend", "Comprehend"},
	{"config", "Config Service"},
	{"configservice", "Config Service"},
	{"connect", "Connect"},
	{"costexplorer", "Cost Explorer"},
	{"databasemigration", "Database Migration Service"},
	{"databasemigrationservice", "Database Migration Service"},
	{"datasync", "DataSync"},
	{"dax", "DAX"},
	{"directconnect", "Direct Connect"},
	{"docdb", "DocDB"},
	{"dsql", "DSQL"},
	{"dynamodb", "DynamoDB"},
	{"dynamodbstreams", "DynamoDB Streams"},
	{"ebs", "EBS"},
	{"ec2", "EC2"},
	{"ecr", "ECR"},
	{"ecs", "ECS"},
	{"efs", "EFS"},
	{"eks", "EKS"},
	{"elasticache", "ElastiCache"},
	{"elasticbeanstalk", "Elastic Beanstalk"},
	{"elasticcomputecloud", "EC2"},
	{"elasticcontainerregistry", "ECR"},
	{"elasticcontainerservice", "ECS"},
	{"elasticfilesystem", "EFS"},
	{"elastickubernetesservice", "EKS"},
	{"elasticloadbalancing", "Elastic Load Balancing"},
	{"elasticloadbalancingv2", "Elastic Load Balancing v2"},
	{"elasticmapreduce", "EMR"},
	{"elasticsearch", "Elasticsearch Service"},
	{"elasticsearchservice", "Elasticsearch Service"},
	{"email", "SES"},
	{"emr", "EMR"},
	{"emrserverless", "EMR Serverless"},
	{"eventbridge", "EventBridge"},
	{"eventbridgepipes", "Pipes"},
	{"eventbridgescheduler", "Scheduler"},
	{"events", "EventBridge"},
	{"executeapi", "ApiGatewayManagementApi"},
	{"firehose", "Firehose"},
	{"forecast", "Forecast"},
	{"fsx", "FSx"},
	{"glacier", "Glacier"},
	{"glue", "Glue"},
	{"guardduty", "GuardDuty"},
	{"health", "Health"},
	{"iam", "IAM"},
	{"identityandaccessmanagement", "IAM"},
	{"identitymanagement", "IAM"},
	{"identitystore", "Identitystore"},
	{"inspector", "Inspector"},
	{"iot", "IoT"},
	{"iotdata", "IoT Data Plane"},
	{"iotdataplane", "IoT Data Plane"},
	{"ivs", "IVS"},
	{"kafka", "Kafka"},
	{"kendra", "Kendra"},
	{"keymanagement", "KMS"},
	{"keymanagementservice", "KMS"},
	{"keyspaces", "Keyspaces"},
	{"kinesis", "Kinesis"},
	{"kinesisanalytics", "Kinesis Analytics"},
	{"kinesisanalyticsv2", "Kinesis Analytics V2"},
	{"kinesisdatafirehose", "Firehose"},
	{"kinesisfirehose", "Firehose"},
	{"kinesisvideo", "Kinesis Video"},
	{"kms", "KMS"},
	{"lakeformation", "LakeFormation"},
	{"lambda", "Lambda"},
	{"lexmodelsv2", "Lex Models V2"},
	{"lexruntimev2", "Lex Runtime V2"},
	{"lightsail", "Lightsail"},
	{"location", "Location"},
	{"logs", "CloudWatch Logs"},
	{"machinelearning", "Machine Learning"},
	{"macie2", "Macie2"},
	{"managedstreamingforkafka", "Kafka"},
	{"mediaconvert", "MediaConvert"},
	{"medialive", "MediaLive"},
	{"memorydb", "MemoryDB"},
	{"monitoring", "CloudWatch"},
	{"mq", "mq"},
	{"msk", "Kafka"},
	{"mturk", "MTurk"},
	{"neptune", "Neptune"},
	{"neptunedata", "neptunedata"},
	{"opensearch", "OpenSearch"},
	{"opensearchserverless", "OpenSearchServerless"},
	{"organizations", "Organizations"},
	{"parameterstore", "SSM"},
	{"personalize", "Personalize"},
	{"personalizeruntime", "Personalize Runtime"},
	{"pinpoint", "Pinpoint"},
	{"pipes", "Pipes"},
	{"polly", "Polly"},
	{"pricing", "Pricing"},
	{"qldb", "QLDB"},
	{"quicksight", "QuickSight"},
	{"rds", "RDS"},
	{"rdsdata", "RDS Data"},
	{"rdsdataservice", "RDS Data"},
	{"redshift", "Redshift"},
	{"redshiftdata", "Redshift Data"},
	{"redshiftdataapi", "Redshift Data"},
	{"redshiftdataapiservice", "Redshift Data"},
	{"redshiftserverless", "Redshift Serverless"},
	{"rekognition", "Rekognition"},
	{"relationaldatabaseservice", "RDS"},
	{"resourcegroups", "Resource Groups"},
	{"route53", "Route 53"},
	{"s3", "S3"},
	{"s3control", "S3 Control"},
	{"s3tables", "S3Tables"},
	{"sagemaker", "SageMaker"},
	{"sagemakerruntime", "SageMaker Runtime"},
	{"scheduler", "Scheduler"},
	{"schemas", "schemas"},
	{"secretsmanager", "Secrets Manager"},
	{"securityhub", "SecurityHub"},
	{"securitytoken", "STS"},
	{"securitytokenservice", "STS"},
	{"servicecatalog", "Service Catalog"},
	{"servicediscovery", "ServiceDiscovery"},
	{"ses", "SES"},
	{"sesv2", "SESv2"},
	{"sfn", "SFN"},
	{"shield", "Shield"},
	{"signer", "signer"},
	{"simpleemail", "SES"},
	{"simpleemailservice", "SES"},
	{"simpleemailservicev2", "SESv2"},
	{"simplenotification", "SNS"},
	{"simplenotificationservice", "SNS"},
	{"simplequeue", "SQS"},
	{"simplequeueservice", "SQS"},
	{"simplestorage", "S3"},
	{"simplestorageservice", "S3"},
	{"simplesystemsmanagement", "SSM"},
	{"simplesystemsmanager", "SSM"},
	{"simpleworkflow", "SWF"},
	{"simpleworkflowservice", "SWF"},
	{"sns", "SNS"},
	{"sqs", "SQS"},
	{"ssm", "SSM"},
	{"sso", "SSO"},
	{"ssooidc", "SSO OIDC"},
	{"states", "SFN"},
	{"stepfunctions", "SFN"},
	{"streamsdynamodb", "DynamoDB Streams"},
	{"sts", "STS"},
	{"support", "Support"},
	{"swf", "SWF"},
	{"systemsmanager", "SSM"},
	{"textract", "Textract"},
	{"timestream", "Timestream Query"},
	{"timestreamquery", "Timestream Query"},
	{"timestreamwrite", "Timestream Write"},
	{"transcribe", "Transcribe"},
	{"transfer", "Transfer"},
	{"translate", "Translate"},
	{"waf", "WAF"},
	{"wafv2", "WAFV2"},
	{"webservicessts", "STS"},
	{"workspaces", "WorkSpaces"},
	{"xray", "XRay"},
}

// commonServices are those that need no search.
var commonServices = [...]string{"S3", "DynamoDB", "SQS", "SNS", "Lambda", "Kinesis", "Secrets Manager", "SSM", "SFN", "EventBridge"}

// ServiceName returns the one name of an AWS service: DynamoDb, AmazonDynamoDBv2 and
// AWS.SDK.DynamoDB are DynamoDB, StepFunctions and states are SFN. A name that is
// none of a known service stays, without what only says that it is AWS's.
func ServiceName(name string) string {
	for _, s := range commonServices {
		if s == name { // nearly always
			return s
		}
	}
	short := strings.TrimPrefix(strings.TrimPrefix(name, "AWS::"), "AWS.SDK.")
	var scratch [64]byte
	folded := foldService(scratch[:0], short)
	for _, prefix := range [...]string{"", "amazon", "aws"} {
		for _, suffix := range [...]string{"", "v2", "client"} {
			if len(folded) < len(prefix)+len(suffix) || string(folded[:len(prefix)]) != prefix || string(folded[len(folded)-len(suffix):]) != suffix {
				continue
			}
			if id := searchService(folded[len(prefix) : len(folded)-len(suffix)]); id != "" {
				return id
			}
		}
	}
	return short
}

// foldService appends name in lower case, without what is no letter or digit.
func foldService(dst []byte, name string) []byte {
	for i := range len(name) {
		switch c := name[i]; {
		case 'A' <= c && c <= 'Z':
			dst = append(dst, c|0x20)
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			dst = append(dst, c)
		}
	}
	return dst
}

// searchService returns the service id of a folded name, "" if it is none.
func searchService(folded []byte) string {
	low, high := 0, len(awsServices)
	for low < high {
		middle := (low + high) / 2
		if awsServices[middle].folded < string(folded) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low < len(awsServices) && awsServices[low].folded == string(folded) {
		return awsServices[low].id
	}
	return ""
}
