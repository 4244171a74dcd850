/** The modules of Debian's kernel that the lab has loaded; what they need comes by itself. */
export const MODULES: readonly string[] = [
  // To get at the outer root and the console.
  ...['virtio_pci', '9p', '9pnet_virtio', 'overlay', 'virtio_console'],
  // Interfaces of the host, and what qdom sets on them.
  ...['bridge', '8021q', 'veth', 'dummy', 'tun', 'macvtap', 'vhost_net'],
  ...['sch_htb', 'sch_sfq', 'sch_ingress', 'sch_fq_codel', 'cls_u32', 'cls_fw', 'act_police'],
  // The lab's cards and disks.
  ...['virtio_net', 'e1000e', 'igb', 'igbvf', 'virtio_blk', 'nvme', 'loop'],
  // What is given to guests.
  ...['vfio_pci', 'vfio_iommu_type1', 'kvm_amd', 'vhost_vsock', 'vhost_scsi'],
  ...['xhci_pci', 'usbhid', 'virtio_scsi', 'sd_mod', 'sg', 'target_core_mod', 'target_core_file'],
  // Mounted by tests; the schedulers that weigh block I/O.
  ...['ext4', 'bfq'],
];
