package otlpproto

import "github.com/VictoriaMetrics/easyproto"

// AppendPartialSuccess appends an ExportTraceServiceResponse that says what was left
// out. One without fields is success.
func AppendPartialSuccess(dst []byte, rejected int64, message string) []byte {
	var m easyproto.Marshaler
	partial := m.MessageMarshaler().AppendMessage(1)
	partial.AppendInt64(1, rejected)
	partial.AppendString(2, message)
	return m.Marshal(dst)
}

// AppendStatus appends a google.rpc.Status.
func AppendStatus(dst []byte, code int32, message string) []byte {
	var m easyproto.Marshaler
	mm := m.MessageMarshaler()
	mm.AppendInt32(1, code)
	mm.AppendString(2, message)
	return m.Marshal(dst)
}
