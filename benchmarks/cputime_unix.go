//go:build unix

package main

import (
	"syscall"
	"time"
)

// cpuTime is what the process has used of the processor. Unlike the clock it
// stands still while another process has the core.
func cpuTime() time.Duration {
	var u syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
