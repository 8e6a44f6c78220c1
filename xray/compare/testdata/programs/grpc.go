package main

import (
	"context"
	"fmt"
	"net"

	"github.com/aws/aws-xray-sdk-go/v2/xray"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
)

type health struct {
	grpc_health_v1.UnimplementedHealthServer
}

func (health) Check(ctx context.Context, r *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	switch r.Service {
	case "":
		return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}, nil
	case "busy":
		return nil, status.Error(codes.ResourceExhausted, "busy")
	case "broken":
		return nil, status.Error(codes.Internal, "broken")
	}
	return nil, status.Error(codes.NotFound, "unknown service")
}

func init() {
	programs["grpc"] = func(ctx context.Context) {
		l := bufconn.Listen(1 << 16)
		server := grpc.NewServer(grpc.UnaryInterceptor(xray.UnaryServerInterceptor(xray.WithSegmentNamer(xray.NewFixedSegmentNamer("health")))))
		grpc_health_v1.RegisterHealthServer(server, health{})
		go server.Serve(l)
		cc, err := grpc.Dial("passthrough:///stub", grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return l.Dial() }),
			grpc.WithUnaryInterceptor(xray.UnaryClientInterceptor()))
		check(err)
		client := grpc_health_v1.NewHealthClient(cc)
		ctx, seg := xray.BeginSegment(ctx, "shop")
		for _, service := range []string{"", "busy", "broken", "gone"} {
			_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: service})
			fmt.Println(status.Code(err))
		}
		seg.Close(nil)
		server.GracefulStop()
	}
}
