package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// asService, when set in the environment, makes the test binary the service
// itself, so that tests can start it as a process of its own and kill it. Its
// value is the command line, a line for each argument.
const asService = "CONTACT_SERVICE_ARGS"

func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv(asService); ok {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		if err := run(ctx, strings.Split(args, "\n"), os.Getenv("DATABASE_URL"), os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		stop()
		os.Exit(0)
	}
	code := m.Run()
	if c := shared.cluster; c != nil {
		if err := c.stop(syscall.SIGINT); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.RemoveAll(c.dir)
	}
	os.Exit(code)
}
