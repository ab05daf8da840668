/* SPDX-License-Identifier: Apache-2.0 */
/* Version of the firmware and the PC programs; the same as the gateware's SYS.VERSION and the CHANGELOG row. */
#ifndef PW_VERSION_H
#define PW_VERSION_H

#define PW_VERSION_BCD  0x000300u /* 0x00MMmmpp */
#define PW_VERSION_TEXT "0.3.0"

#endif
