module cases

go 1.26.0

require (
	github.com/aws/aws-lambda-go v0.0.0
	github.com/aws/aws-xray-sdk-go v0.0.0
	github.com/aws/aws-xray-sdk-go/v2 v2.0.0
)

replace (
	github.com/aws/aws-lambda-go => ../stubs/lambda
	github.com/aws/aws-xray-sdk-go => ../stubs/xrayv1
	github.com/aws/aws-xray-sdk-go/v2 => ../stubs/xray
)
