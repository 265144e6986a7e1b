/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Where Xen starts the guest `deaf`: the PVH entry point, which an ELF note names. Xen enters in
 * 32-bit protected mode with flat segments and without paging. There is no interrupt table, so a
 * fault ends the domain.
 */
    .set XEN_ELFNOTE_PHYS32_ENTRY, 18
    .set XEN_CPUID_BASE, 0x40000000

    .section .note.Xen, "a", @note
    .balign 4
    .long name_end - name
    .long 4
    .long XEN_ELFNOTE_PHYS32_ENTRY
name:
    .asciz "Xen"
name_end:
    .balign 4
    .long _start

    .text
    .globl _start
_start:
    movl $stack_end, %esp
/* CPUID leaf base + 2 tells the MSR that makes Xen fill a page with its hypercall entries. */
    movl $XEN_CPUID_BASE + 2, %eax
    cpuid
    movl %ebx, %ecx
    movl $hypercall_page, %eax
    xorl %edx, %edx
    wrmsr
    call count_for_ever

    .bss
    .balign 4096
    .globl hypercall_page
hypercall_page:
    .skip 4096
    .skip 4096
stack_end:
