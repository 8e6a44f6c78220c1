package mapping

import "testing"

// What SDKs wrote when a stub throttled them: aws-sdk-go-v2 v1.48.0 with dynamodb
// v1.74.0, client-dynamodb 3.1169.0 of JavaScript, botocore 1.29.27, aws-sdk-core
// 3.168.1 of Ruby, and AsyncAws's core 1.18.1 of PHP. The forms of Java, .NET, Rust and
// PHP's own SDK are known from reports of their users; those SDKs were not run.
func TestThrottling(t *testing.T) {
	for _, c := range []struct {
		typ, text string
		throttled bool
		status    int64
	}{
		{"*smithy.OperationError", "operation error DynamoDB: GetItem, exceeded maximum number of attempts, 2, https response error StatusCode: 400, RequestID: REQ, ProvisionedThroughputExceededException: Rate exceeded", true, 400},
		{"*smithy.OperationError", "operation error DynamoDB: PutItem, exceeded maximum number of attempts, 2, https response error StatusCode: 400, RequestID: REQ, ThrottlingException: Rate exceeded", true, 400},
		{"*smithy.OperationError", "operation error DynamoDB: UpdateItem, https response error StatusCode: 400, RequestID: REQ, ConditionalCheckFailedException: The conditional request failed", false, 400},
		{"ProvisionedThroughputExceededException", "slow down", true, 0},
		{"botocore.exceptions.ClientError", "An error occurred (Throttling) when calling the ListStacks operation (reached max retries: 4): Rate exceeded", true, 0},
		{"botocore.exceptions.ClientError", "An error occurred (ValidationException) when calling the PutItem operation: Throttling is no valid value", false, 0},
		{"botocore.exceptions.ClientError", "An error occurred (ThrottlingException) when calling the ListKeys operation (reached max retries: 2): Rate exceeded", true, 0},
		{"botocore.errorfactory.LimitExceededException", "An error occurred (LimitExceededException) when calling the ListStreams operation (reached max retries: 1): Rate exceeded for stream x under account 1.", true, 0},
		{"botocore.errorfactory.TooManyRequestsException", "An error occurred (TooManyRequestsException) when calling the Invoke operation (reached max retries: 1): Rate Exceeded.", true, 0},
		{"botocore.exceptions.ClientError", "An error occurred (RequestLimitExceeded) when calling the DescribeInstances operation: Request limit exceeded.", true, 0},
		{"botocore.exceptions.ClientError", "An error occurred (SlowDown) when calling the GetObject operation (reached max retries: 1): Please reduce your request rate.", true, 0},
		{"Aws::KMS::Errors::ThrottlingException", "Rate exceeded", true, 0},
		{"Aws::S3::Errors::SlowDown", "Please reduce your request rate.", true, 0},
		{`AsyncAws\Core\Exception\Http\ClientException`, "HTTP 400 returned for \"http://127.0.0.1:18999/\".\n\nCode:    Throttling\nMessage: Rate exceeded\nType:    Sender\nDetail:  \n", true, 0},
		{"software.amazon.awssdk.services.kms.model.KmsException", "Rate exceeded (Service: Kms, Status Code: 400, Request ID: R)", true, 400},
		{"com.amazonaws.AmazonServiceException", "Slow down (Service: Amazon S3; Status Code: 503; Error Code: SlowDown; Request ID: R)", true, 503},
		{"", "api error SlowDown", true, 0},
		{"", "<Error><Code>SlowDown</Code></Error>", true, 0},
		{"", "Throttling", true, 0},
		{"", "the SlowDown of the week", false, 0},
		{"com.amazonaws.dynamodb.v20120810#ThrottlingException", "", true, 0},
		{`Aws\Kms\Exception\KmsException`, "x", false, 0},
		{"Amazon.EC2.AmazonEC2Exception", "Request limit exceeded.", true, 0},
		{"software.amazon.awssdk.services.sqs.model.SqsException", "Request is throttled. (Service: Sqs, Status Code: 403, Request ID: R)", true, 403},
		{"TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ThrottlingError]", true, 0},
		{"TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None]", false, 0},
		{"", `unhandled error (SlowDown): Error { code: "SlowDown" }`, true, 0}, // Rust
		{"X", "Too many requests in the batch", false, 0},
		{"LimitExceededException", "Subscriber limit exceeded", false, 0}, // a quota, not a rate
		{"", "StatusCode: 4000", false, 0},
		{"", "StatusCode: 200", false, 0},
		{"", "Status Code: 600", false, 0},
		{"", "StatusCode: 40", false, 0},
		{"", "status code: 502", false, 502},
	} {
		if got := isThrottling(lastPart(c.typ)) || saysThrottling(c.text); got != c.throttled {
			t.Errorf("%s: %s: throttled is %v", c.typ, c.text, got)
		}
		if got := statusIn(c.text); got != c.status {
			t.Errorf("%s: status %d, want %d", c.text, got, c.status)
		}
	}
}
