// Package contacttest is what the tests of services need that work with contacts.
//
// [TestHandler] holds a service's handler to the contract, in one call. A [Gen] makes contacts,
// patches, documents as stores hold them, and patches that are wrong in exactly one way, by the
// choices of a random source or of a fuzzer's bytes: [New] and [FromBytes]. [AnyContact],
// [AnyPatch] and [AnyDocument] are the same for package testing/quick, [AddSeeds] gives a fuzz
// target its corpus, and [CheckVectors] runs the language-neutral cases on another implementation.
package contacttest
