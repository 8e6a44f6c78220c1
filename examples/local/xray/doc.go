// Package xray is X-Ray on this machine: documents come in, become traces and
// the service map, and are asked for by filter expressions.
package xray
