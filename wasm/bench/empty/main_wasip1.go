// Command empty is the measure of start-up: a WebAssembly program with the border of the engine that imports nothing and
// accepts everything.
package main

import "unsafe"

var input [4 << 10]byte

//go:wasmexport buffer
func buffer(uint32) uint32 { return uint32(uintptr(unsafe.Pointer(&input))) }

//go:wasmexport call
func call(_, _ uint32) uint32 { return 0 }

func main() {}
