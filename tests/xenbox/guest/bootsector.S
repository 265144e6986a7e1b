/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * The guest `boot`: an HVM boot sector without PV drivers. About nine times a second it adds one
 * to a counter in memory, writes the line below with that counter to sector 1 of its IDE disk
 * through INT 13h, and prints the line to the first serial port:
 *
 *     xlsnap-guest boot=89abcdef mem=00000042 disk=00000042
 *
 * It is the line that the other guests print. "disk" is the last count that INT 13h reported as
 * written. The counter itself is the decimal text after "mem=", so it needs no conversion.
 */
    .set SERIAL_DATA, 0x3f8
    .set SERIAL_FIFO_CONTROL, 0x3fa
    .set SERIAL_FIFO_ON, 0x07       /* and emptied */
    .set SERIAL_FIFO_SIZE, 16
    .set SERIAL_LINE_STATUS, 0x3fd
    .set SERIAL_CAN_SEND, 0x20      /* the FIFO is empty */
    .set BIOS_TICKS, 0x46c          /* a 32-bit count of 18.2 Hz ticks, kept by the BIOS */
    .set BIOS_EXTENDED_WRITE, 0x43
    .set SECTOR_BUFFER, 0x8000
    .set COUNT_DIGITS, 8

    .code16
    .globl _start
_start:
    cli
    cld
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $0x7c00, %sp
    sti
    movb %dl, drive                 /* the BIOS passes the drive it booted from */
    movw $SERIAL_FIFO_CONTROL, %dx
    movb $SERIAL_FIFO_ON, %al
    outb %al, %dx
    xorw %ax, %ax

    movw $SECTOR_BUFFER, %di
    movw $256, %cx
    rep stosw                       /* %ax is zero: clear the buffer */

/* The boot id: the time stamp counter, scattered, since two boots start it at nearly one value. */
    rdtsc
    addl BIOS_TICKS, %eax
    imull $0x9e3779b1, %eax, %eax
    movw $boot_id, %di
    movw $8, %cx
hex_digit:
    roll $4, %eax
    pushw %ax
    andb $15, %al
    cmpb $10, %al
    jb below_ten
    addb $('a' - '0' - 10), %al
below_ten:
    addb $'0', %al
    stosb
    popw %ax
    loop hex_digit

count:
    movw $mem_count + COUNT_DIGITS - 1, %si
carry:
    incb (%si)
    cmpb $'9', (%si)
    jbe counted
    movb $'0', (%si)
    decw %si
    jmp carry
counted:

/* The record for the disk: the line as it will be once this write is done. */
    movw $line, %si
    movw $SECTOR_BUFFER, %di
    movw $line_end - line, %cx
    rep movsb
    movw $mem_count, %si
    movw $SECTOR_BUFFER + (disk_count - line), %di
    movw $COUNT_DIGITS, %cx
    rep movsb

    movb $BIOS_EXTENDED_WRITE, %ah
    xorb %al, %al                   /* without verify */
    movb drive, %dl
    movw $disk_address, %si
    int $0x13
    jc print                        /* a failed write leaves the count of the last good one */
    movw $mem_count, %si
    movw $disk_count, %di
    movw $COUNT_DIGITS, %cx
    rep movsb

/* By as many bytes at once as fit: each access to a port costs a way through QEMU and back. */
print:
    movw $line, %si
send:
    movw $line_end, %cx
    subw %si, %cx
    jz printed
    cmpw $SERIAL_FIFO_SIZE, %cx
    jbe fits
    movw $SERIAL_FIFO_SIZE, %cx
fits:
    movw $SERIAL_LINE_STATUS, %dx
full:
    inb %dx, %al
    testb $SERIAL_CAN_SEND, %al
    jz full
    movw $SERIAL_DATA, %dx
    rep outsb
    jmp send
printed:

    movw $2, %cx                    /* wait for two changes: the tick count restarts at midnight */
tick:
    movl BIOS_TICKS, %ebx
same_tick:
    hlt
    cmpl %ebx, BIOS_TICKS
    je same_tick
    loop tick
    jmp count

drive:
    .byte 0
    .balign 4
disk_address:                       /* the disk address packet of INT 13h: one sector at LBA 1 */
    .byte 16, 0
    .word 1
    .word SECTOR_BUFFER, 0
    .quad 1

line:
    .ascii "xlsnap-guest boot="
boot_id:
    .ascii "00000000 mem="
mem_count:
    .ascii "00000000 disk="
disk_count:
    .ascii "00000000\n"
line_end:

    .org 510
    .word 0xaa55
