// Package compare runs programs written against aws-xray-sdk-go twice: compiled
// against the SDK, and against what package xray puts in its place. Their documents
// are to be the same tree; every difference that is meant is a row of
// [Differences] with its reason, and a row that nothing needs fails the test.
//
// It also holds that every identifier the SDK exports is there.
package compare
