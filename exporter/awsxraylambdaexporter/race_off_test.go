//go:build !race

package awsxraylambdaexporter

const raceEnabled = false
