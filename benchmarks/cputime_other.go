//go:build !unix

package main

import "time"

var start = time.Now()

// cpuTime is the clock, where the system tells a process nothing better.
func cpuTime() time.Duration { return time.Since(start) }
